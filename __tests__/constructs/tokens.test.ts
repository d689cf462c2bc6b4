import '../../constructs/quiet-stack-traces';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { Resource } from '@cdktf/provider-null/lib/resource';
import { App, Fn, TerraformStack, TerraformVariable, Testing, Token } from 'cdktf';
import type { Construct } from 'constructs';
import fc from 'fast-check';
import { ComponentSet } from '../../constructs/component-set';
import { escapeTemplate } from '../../constructs/escape';
import { HostScript } from '../../constructs/host-script';
import { jsonTemplate } from '../../constructs/json-template';
import { KindCluster } from '../../constructs/kind-cluster';
import { KubeadmCluster } from '../../constructs/kubeadm-cluster';
import { NspawnVm } from '../../constructs/nspawn-vm';
import { ObservabilityHub } from '../../constructs/observability-hub';
import { quoteTemplate } from '../../constructs/template-text';
import { settle } from '../../stacks/terraform-settings';
import { cluster, hub, platform, raw } from '../support/places';

interface Given {
  readonly zone: string;
  readonly size: number;
  readonly zones: string[];
  readonly labels: Record<string, string>;
  readonly any: unknown;
  /** An attribute of another resource. */
  readonly id: string;
}

/** The block of one resource in a stack whose variables and resources are referred to. */
function block(address: string, make: (scope: Construct, given: Given) => void): Record<string, Record<string, string>> {
  const stack = new TerraformStack(Testing.app(), 'stack');
  const variable = (id: string, type: string) => new TerraformVariable(stack, id, { type });
  const labels = variable('labels', 'map(string)');
  make(stack, {
    zone: variable('zone', 'string').stringValue,
    size: variable('size', 'number').numberValue,
    zones: variable('zones', 'list(string)').listValue,
    labels: Token.asStringMap(labels.value) as Record<string, string>,
    any: labels.value,
    id: new Resource(stack, 'other', {}).id,
  });
  const [type, name] = address.split('.') as [string, string];
  return JSON.parse(Testing.synth(stack)).resource[type][name];
}
const scriptInput = (input: (given: Given) => Record<string, unknown>): string =>
  block('null_resource.greet', (scope, given) => new HostScript(scope, 'greet', { run: 'host/ssh-key.sh', input: input(given) })).triggers!
    .input!;

describe('a token in the input of a script arrives as a reference that keeps its type', () => {
  const inputs: readonly (readonly [title: string, input: (given: Given) => unknown, json: string])[] = [
    ['text', ({ zone }) => zone, '${jsonencode(var.zone)}'],
    ['a number', ({ size }) => size, '${jsonencode(tonumber(var.size))}'],
    ['a list', ({ zones }) => zones, '${jsonencode(var.zones)}'],
    ['a map', ({ labels }) => labels, '${jsonencode(var.labels)}'],
    ['an object of cdktf', ({ any }) => any, '${jsonencode(var.labels)}'],
    ['an attribute of another resource', ({ id }) => id, '${jsonencode(null_resource.other.id)}'],
    ['a function', ({ zones }) => Fn.element(zones, 0), '${jsonencode(element(var.zones, 0))}'],
    ['text around text', ({ zone }) => `a ${zone} b`, '${jsonencode("a ${var.zone} b")}'],
    ['two in one text', ({ zone, id }) => `${zone}/${id}`, '${jsonencode("${var.zone}/${null_resource.other.id}")}'],
    ['quotes around it', ({ zone }) => `"${zone}"\n\\`, '${jsonencode("\\"${var.zone}\\"\\n\\\\")}'],
    ['a template of the user beside it', ({ zone }) => `\${me} %{if} ${zone} }`, '${jsonencode("$${me} %%{if} ${var.zone} }")}'],
    ['a number in text', ({ size }) => `${size}Mi`, '${jsonencode("${var.size}Mi")}'],
    ['a dollar before it', ({ zone, size }) => `$${zone} $$${size}`, '${jsonencode("${"$"}${var.zone} ${"$$"}${var.size}")}'],
    ['deep inside', ({ zone }) => [{ a: [zone] }], '[{"a":[${jsonencode(var.zone)}]}]'],
    ['beside text that looks like a template', ({ zone }) => ['${me}', zone], '["$${me}",${jsonencode(var.zone)}]'],
    ['nothing', () => undefined, ''],
  ];
  test.each(inputs)('%s', (_, input, json) => {
    const expected = json === '' ? '{"deployment":"../../.."}' : `{"deployment":"../../..","value":${json}}`;
    expect(scriptInput((given) => ({ value: input(given) }))).toBe(expected);
  });
});

describe('where CDK users expect them, tokens pass', () => {
  const told = (address: string, make: (scope: Construct, given: Given) => void) => block(address, make).triggers!.input;

  test('sizes, addresses and the image of machines', () => {
    const input = told('null_resource.machine-hub-cp-1', (scope, { size, zone, id }) => {
      new NspawnVm(scope, 'vm', {
        ...{ uid: 'abc123', cluster: 'hub', node: 'hub-cp-1', role: 'control-plane', kubeconfig: 'kubeconfig/hub' },
        cpus: size,
        memoryMiB: size,
        diskGiB: 20,
        apiName: `api.${zone}`,
        address: zone,
        network: { prefixLength: 24, gateway: id, bridge: 'flabc123' },
      });
    });
    for (const words of [
      '"cpus":${jsonencode(tonumber(var.size))}',
      '"memoryMiB":${jsonencode(tonumber(var.size))},"diskGiB":20',
      '"apiName":${jsonencode("api.${var.zone}")}',
      '"address":${jsonencode(var.zone)}',
      '"gateway":${jsonencode(null_resource.other.id)}',
    ])
      expect(input).toContain(words);
  });

  test('addresses and the API server of a cluster', () => {
    const input = told('null_resource.init-hub-cp-1', (scope, { zone, size }) => {
      new KubeadmCluster(scope, 'kubeadm', {
        name: 'hub',
        kubernetesVersion: '1.35.4',
        podCidr: '10.101.0.0/16',
        serviceCidr: zone,
        domain: 'example.internal',
        api: { name: zone, port: size },
        nodes: [{ name: 'hub-cp-1', role: 'control-plane', address: zone, machine: { fqn: 'null_resource.vm' } }],
      });
    });
    expect(input).toContain('"address":${jsonencode(var.zone)}');
    expect(input).toContain('"endpoint":${jsonencode("${var.zone}:${var.size}")}');
    expect(input).toContain('"serviceSubnet":${jsonencode(var.zone)}');
  });

  test('ranges of a cluster in containers', () => {
    const input = told('null_resource.cluster-kind', (scope, { zone }) => {
      const nodes = [{ name: 'kind-control-plane', role: 'control-plane' as const }];
      const own = { uid: 'abc123', cluster: 'kind', nodes, kubeconfig: 'kubeconfig/kind' };
      new KindCluster(scope, 'kind', { ...own, podCidr: zone, serviceCidr: '10.96.0.0/16' });
    });
    expect(input).toContain('"podCidr":${jsonencode(var.zone)},"serviceCidr":"10.96.0.0/16"');
  });

  test('values of charts, laid over the values of Flotilla, and ports', () => {
    const { values } = block('helm_release.grafana', (scope, { zone, zones, size, any }) => {
      const tuned = { grafana: { 'grafana.ini': { server: { domain: `${zone}.example` } }, extra: zones, nodeSelector: any } };
      new ObservabilityHub(platform(scope, hub, [], { values: tuned }), 'telemetry', { grafanaPort: size });
    }) as unknown as { readonly values: readonly string[] };
    expect(values[0]).toContain('"domain":${jsonencode("${var.zone}.example")}');
    expect(values[0]).toContain('"extra":${jsonencode(var.zones)}');
    expect(values[0]).toContain('"nodeSelector":${jsonencode(var.labels)}');
    expect(values[0]).toContain('"nodePort":${jsonencode(tonumber(var.size))}');
    expect(values[0]).toContain('"admin":{"existingSecret"');
  });

  test('addresses of the nodes of a platform', () => {
    const make = (scope: Construct, { zone, size }: Given) => {
      const nodes = hub.nodes.map((node) => ({ ...node, address: zone }));
      new ObservabilityHub(platform(scope, cluster('hub', 1, 'hub', { nodes, api: { name: zone, port: size } })), 'telemetry');
    };
    expect(() => block('helm_release.grafana', make)).not.toThrow();
  });
});

test('a token of another stack is read from the state of that stack', () => {
  const app = new App({ outdir: Testing.app().outdir });
  const [first, second] = ['first', 'second'].map((id) => new TerraformStack(app, id)) as [TerraformStack, TerraformStack];
  for (const stack of [first, second]) settle(stack, ['null']);
  for (const stack of [first, second]) new NullProvider(stack, 'null');
  const { id } = new Resource(first, 'made', {});
  new HostScript(second, 'greet', { run: 'host/ssh-key.sh', input: { id } });
  app.synth();
  const json = JSON.parse(readFileSync(join(app.outdir, 'stacks', 'second', 'cdk.tf.json'), 'utf8'));
  expect(json.resource.null_resource.greet.triggers.input).toMatch(
    /"id":\$\{jsonencode\(data\.terraform_remote_state\.[\w-]+\.outputs\.[\w-]+\)\}/,
  );
});

describe('what runs after a release', () => {
  const made = (more: (scope: Construct) => void) => (type: string) =>
    block(type, (scope, { zone }) => {
      more(scope);
      const net = raw('net', {
        resources: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: zone } }],
        ready: [{ kind: 'nodes-ready' }],
      });
      new ComponentSet(scope, 'set', { uid: 'abc123', cluster: 'hub', kubeconfig: 'kubeconfig/hub', components: [net] });
    });
  const gate = (more: (scope: Construct) => void) => made(more)('null_resource.gate-net').triggers!;

  test('runs again when what values refer to changes', () => {
    expect(gate(() => {}).references).toBe('[${jsonencode(var.zone)}]');
  });

  test('does not run again because the app makes another token first', () => {
    const earlier = (scope: Construct): void => void Token.asString(new TerraformVariable(scope, 'earlier', {}).value);
    expect(gate(earlier)).toEqual(gate(() => {}));
  });
});

describe('text of a user', () => {
  /** What Terraform makes of a template without expressions. */
  const rendered = (template: string): string => template.replaceAll(/\$\$\{|%%\{/g, (found) => found.slice(1));
  const anyText = fc.string({ unit: fc.constantFrom('$', '%', '{', '}', '"', '\\', '\n', 'a', ' ') });

  test('arrives as it was written, whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), anyText, (value, text) => {
        expect(JSON.parse(rendered(jsonTemplate({ value, text })))).toEqual(JSON.parse(JSON.stringify({ value, text })));
      }),
    );
  });

  test('without tokens is what it was before tokens passed', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonTemplate(value)).toBe(escapeTemplate(JSON.stringify(value)));
      }),
    );
  });

  test('beside a token is quoted, and the token is not', () => {
    const token = '${TfToken[TOKEN.7]}';
    fc.assert(
      fc.property(anyText, anyText, (before, after) => {
        const escaped = escapeTemplate(`${before} ${token} ${after}`);
        expect(escaped).toBe(`${escapeTemplate(before)} ${token} ${escapeTemplate(after)}`);
        expect(JSON.parse(quoteTemplate(escapeTemplate(before)))).toBe(escapeTemplate(before));
      }),
    );
  });

  test('a check that looks for tokens that were escaped sees one', () => {
    const lost = (escaper: (text: string) => string): boolean => escaper('a ${TfToken[TOKEN.7]}').includes('$${TfToken');
    expect(lost(escapeTemplate)).toBe(false);
    // The mutation: the escaper as it was.
    expect(lost((text) => text.replaceAll('${', () => '$${'))).toBe(true);
  });
});
