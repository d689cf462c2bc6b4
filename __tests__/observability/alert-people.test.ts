import type { Component } from '../../components/define';
import type { Json } from '../support/fleet-fixture';
import { component, contextOf, valuesOf } from '../support/observability-clusters';

const people = ['alert-slack', 'alert-webhook'];

/** What a way to people says of itself, against the Secret that is laid down for it. */
const faultsOf = ({ id, secrets = [], resources }: Pick<Component, 'id' | 'secrets' | 'resources'>): string[] => {
  const [{ spec }] = resources!(contextOf('hub')) as Json;
  const [receiver] = spec.receivers;
  const [{ apiURL, urlSecret = apiURL }] = receiver.slackConfigs ?? receiver.webhookConfigs;
  const text = secrets.find(({ name }) => name === urlSecret?.name)?.keys[urlSecret.key];
  return [
    ...(spec.route.receiver === receiver.name ? [] : [`${id} rings nobody`]),
    ...(text === `{${id}-url.brought}` ? [] : [`${id} does not read what is brought`]),
    ...(/https?:/.test(JSON.stringify([secrets, spec])) ? [`${id} names a URL`] : []),
  ];
};

test('a way to people rings by a URL that is a Secret, of a value that a person brings', () => {
  expect(people.flatMap((id) => faultsOf(component(id)))).toEqual([]);
  for (const id of people) expect([component(id).roles, component(id).never]).toEqual([[], ['agent']]);
});

test('it rings for alerts of every namespace, not of its own alone', () => {
  const { alertmanagerSpec } = valuesOf('kube-prometheus-stack', contextOf('hub')).alertmanager;
  expect(alertmanagerSpec.alertmanagerConfigMatcherStrategy).toEqual({ type: 'None' });
});

test('sabotage: a URL in the object, or made up by the deployment, is found', () => {
  const slack = component('alert-slack');
  const said = JSON.parse(JSON.stringify(slack.resources!(contextOf('hub'))));
  said[0].spec.receivers[0].slackConfigs[0].apiURL = 'https://hooks.example.internal/';
  expect(faultsOf({ ...slack, resources: () => said })).toEqual(['alert-slack does not read what is brought', 'alert-slack names a URL']);
  expect(faultsOf({ ...slack, secrets: [{ name: 'alert-slack', keys: { url: '{alert-slack-url}' } }] })).toHaveLength(1);
});
