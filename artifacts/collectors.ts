import { goArtifact } from './go-programs';

/** A program that takes or sends what clusters tell, built to check our configurations with; no fleet runs these builds. */
export interface CollectorProgram {
  readonly id: 'otel-collector' | 'prometheus' | 'loki' | 'thanos';
  /** Of the module, which counts otherwise than the program for Prometheus: 0.313.5 is 3.13.5. */
  readonly version: string;
  /** What nobody has seen where it is not built. */
  readonly proves: string;
  readonly estimateSeconds: number;
  readonly importPath: string;
}

/**
 * Versions are those whose modules the Go proxy serves whole. The images of the pinned charts are one step away: collector 0.158.0, Prometheus 3.14.0, Loki 3.7.6,
 * Thanos 0.42.4. Tempo is not here: its modules are not served.
 */
export const collectorPrograms: readonly CollectorProgram[] = Object.freeze([
  {
    id: 'otel-collector',
    version: '0.160.0',
    proves: 'that the OpenTelemetry collector takes our configurations, and loses nothing while the hub is away and when it is killed',
    estimateSeconds: 400,
    importPath: 'flotilla.dev/offline/otel-collector',
  },
  {
    id: 'prometheus',
    version: '0.313.5',
    proves: "that Prometheus' agent takes our remote write and keeps what it could not send",
    estimateSeconds: 500,
    importPath: 'github.com/prometheus/prometheus/cmd/prometheus',
  },
  {
    id: 'loki',
    version: '3.7.8',
    proves: 'that Loki takes our configuration, and logs as collectors send them, also late',
    estimateSeconds: 700,
    importPath: 'github.com/grafana/loki/v3/cmd/loki',
  },
  {
    id: 'thanos',
    version: '0.42.0',
    proves: 'that Thanos knows every flag that its chart and our values set',
    estimateSeconds: 400,
    importPath: 'github.com/thanos-io/thanos/cmd/thanos',
  },
]);

export const collectorArtifacts = collectorPrograms.map(({ id, version, estimateSeconds, importPath }) =>
  goArtifact({
    id,
    summary: `${id} ${version}, which checks configurations`,
    estimateSeconds,
    programs: [importPath],
  }),
);
