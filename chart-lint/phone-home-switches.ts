/** Where a program reads a setting from, and the value that it must have. Texts are compared without regard to case and quotes. */
export type Setting =
  | { readonly env: string; readonly value: string }
  /** Argument of the container, whole. */
  | { readonly arg: string }
  /** Part of an environment variable that holds many options, such as JAVA_OPTS. */
  | { readonly envPart: string }
  /** Path, with dots between, in a configuration file of the release, in a ConfigMap or a Secret. */
  | { readonly file: string; readonly value: string };

/** A program that sends something to its makers unless it is told not to. */
export interface PhoneHome {
  readonly program: string;
  /** Matches the image of a container that runs it. */
  readonly image: RegExp;
  /** What is sent where. */
  readonly sends: string;
  /** Where its source has the default, with the version that was read. */
  readonly source: string;
  /** For a program that does so by default: one of these stops it. */
  readonly off?: readonly Setting[];
  /** For a program that does so only when it is told to: any of these does. */
  readonly on?: readonly Setting[];
  /** Words of its command line without which it does not do so, one of them. @default - always */
  readonly when?: RegExp;
  /** A word of a command line with which the same image runs a different program. @default - every command line runs the program */
  readonly otherProgram?: RegExp;
}

/** The chart's init container runs the plugin manager of the image, which downloads the plugins that the values list. */
const jenkinsPluginManager = /\/apply_config\.sh$/;

/** Programs in which a switch was found. `searched-programs.ts` lists the programs in which none was found, and the programs that nobody searched. */
export const phoneHome: readonly PhoneHome[] = [
  {
    program: 'Robusta',
    image: /(^|\/)robusta-runner[:@]/,
    sends: 'node count, sinks and a hashed account to api.robusta.dev, at the start and once a day',
    source: 'robusta 0.47.0, src/robusta/core/model/env_vars.py',
    off: [{ env: 'ENABLE_TELEMETRY', value: 'false' }],
  },
  {
    program: 'Robusta',
    image: /(^|\/)robusta-runner[:@]/,
    sends: 'its exceptions to Sentry',
    source: 'robusta 0.47.0, helm/robusta/templates/runner.yaml',
    on: [{ env: 'SEND_ADDITIONAL_TELEMETRY', value: 'true' }],
  },
  {
    program: 'Grafana',
    image: /(^|\/)grafana(-enterprise|-oss)?[:@]/,
    sends: 'usage counters to stats.grafana.org, once a day',
    source: 'grafana, conf/defaults.ini [analytics]',
    off: [
      { file: 'analytics.reporting_enabled', value: 'false' },
      { env: 'GF_ANALYTICS_REPORTING_ENABLED', value: 'false' },
    ],
  },
  {
    program: 'Grafana',
    image: /(^|\/)grafana(-enterprise|-oss)?[:@]/,
    sends: 'requests for its newest version to grafana.com',
    source: 'grafana, conf/defaults.ini [analytics]',
    off: [
      { file: 'analytics.check_for_updates', value: 'false' },
      { env: 'GF_ANALYTICS_CHECK_FOR_UPDATES', value: 'false' },
    ],
  },
  {
    program: 'Grafana',
    image: /(^|\/)grafana(-enterprise|-oss)?[:@]/,
    sends: 'the list of its plugins to grafana.com',
    source: 'grafana, conf/defaults.ini [analytics]',
    off: [
      { file: 'analytics.check_for_plugin_updates', value: 'false' },
      { env: 'GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES', value: 'false' },
    ],
  },
  {
    program: 'Loki',
    image: /(^|\/)grafana\/(enterprise-logs|loki)[:@]/,
    sends: 'usage statistics to stats.grafana.org',
    source: 'loki v3.7.8, pkg/analytics/reporter.go',
    off: [{ file: 'analytics.reporting_enabled', value: 'false' }, { arg: '-reporting.enabled=false' }],
  },
  {
    program: 'Tempo',
    image: /(^|\/)grafana\/(enterprise-traces|tempo)[:@]/,
    sends: 'usage statistics to stats.grafana.org',
    source: 'tempo, pkg/usagestats/config.go',
    off: [{ file: 'usage_report.reporting_enabled', value: 'false' }, { arg: '-usage-report.enabled=false' }],
  },
  {
    program: 'SeaweedFS',
    image: /(^|\/)chrislusf\/seaweedfs[:@]/,
    when: /\b(master|server|mini)\b/,
    sends: 'anonymous statistics of the cluster to telemetry.seaweedfs.com (on by default since 4.41)',
    source: 'seaweedfs 4.44, weed/command/master.go, server.go, mini.go',
    off: [{ arg: '-telemetry=false' }, { arg: '-master.telemetry=false' }],
  },
  {
    program: 'Jenkins',
    image: /(^|\/)jenkins\/jenkins[:@]/,
    otherProgram: jenkinsPluginManager,
    sends: 'usage statistics and trials of features to jenkins.io',
    source: 'jenkins, core/src/main/java/hudson/model/UsageStatistics.java, jenkins/telemetry/Telemetry.java',
    off: [
      { envPart: '-Dhudson.model.UsageStatistics.disabled=true' },
      { arg: '-Dhudson.model.UsageStatistics.disabled=true' },
      { file: 'jenkins.noUsageStatistics', value: 'true' },
    ],
  },
  {
    program: 'Jenkins',
    image: /(^|\/)jenkins\/jenkins[:@]/,
    otherProgram: jenkinsPluginManager,
    sends: 'requests for newer versions and plugins to updates.jenkins.io, once a day',
    source: 'jenkins, core/src/main/java/hudson/model/UpdateCenter.java',
    off: [{ envPart: '-Dhudson.model.UpdateCenter.never=true' }, { arg: '-Dhudson.model.UpdateCenter.never=true' }],
  },
  {
    program: "Trivy, in the operator's scans",
    image: /(^|\/)trivy-operator[:@]/,
    sends: 'command, flags and a hash of the machine to check.trivy.dev, with each scan',
    source: 'trivy, pkg/notification/notice.go',
    off: [{ file: 'scan.disable-telemetry', value: 'true' }],
  },
  {
    program: "Trivy, in the operator's scans",
    image: /(^|\/)trivy-operator[:@]/,
    sends: 'requests for its newest version to check.trivy.dev, with each scan',
    source: 'trivy, pkg/notification/notice.go: with both settings it requests nothing',
    off: [{ file: 'scan.skip-version-check', value: 'true' }],
  },
  {
    program: 'Traefik',
    image: /(^|\/)traefik[:@]/,
    sends: 'its configuration without names to collect.traefik.io, or requests for its newest version',
    source: 'traefik, pkg/config/static/static_config.go: off unless its chart turns it on',
    on: ['sendanonymoususage', 'checknewversion'].flatMap((flag) => [{ arg: `--global.${flag}` }, { arg: `--global.${flag}=true` }]),
  },
];
