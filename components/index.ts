import { alertRules } from './alert-rules';
import { argoCd } from './argo-cd';
import { argoCdApps } from './argo-cd-apps';
import { bridgeCni } from './bridge-cni';
import { certManager } from './cert-manager';
import { cilium } from './cilium';
import type { Component } from './define';
import { demo } from './demo';
import { demoApps } from './demo-apps';
import { demoLoad } from './demo-load';
import { demoPolicies } from './demo-policies';
import { demoRoutes } from './demo-routes';
import { demoScaling } from './demo-scaling';
import { externalSecrets } from './external-secrets';
import { externalSecretsStore } from './external-secrets-store';
import { gateway } from './gateway';
import { gatewayApiCrds } from './gateway-api-crds';
import { gatewayCertificate } from './gateway-certificate';
import { grafana } from './grafana';
import { grafanaDashboards } from './grafana-dashboards';
import { istioBase } from './istio-base';
import { istioCni } from './istio-cni';
import { istioConfig } from './istio-config';
import { istioGateway } from './istio-gateway';
import { istiod } from './istiod';
import { jenkins } from './jenkins';
import { keycloak } from './keycloak';
import { kiali } from './kiali';
import { kubePrometheusStack } from './kube-prometheus-stack';
import { localPath } from './local-path';
import { loki } from './loki';
import { metallb } from './metallb';
import { metallbPools } from './metallb-pools';
import { metricsServer } from './metrics-server';
import { nodePort } from './node-port';
import { otelCollector } from './otel-collector';
import { prometheusOperatorCrds } from './prometheus-operator-crds';
import { seaweedfs } from './seaweedfs';
import { tempo } from './tempo';
import { thanos } from './thanos';
import { vault } from './vault';
import { vaultIssuer } from './vault-issuer';
import { webhookLogger } from './webhook-logger';

/** Everything that can be installed, sorted by id; the only lookup of a component by its name starts here. */
export const catalog: readonly Component[] = Object.freeze([
  alertRules,
  argoCd,
  argoCdApps,
  bridgeCni,
  certManager,
  cilium,
  demo,
  demoApps,
  demoLoad,
  demoPolicies,
  demoRoutes,
  demoScaling,
  externalSecrets,
  externalSecretsStore,
  gateway,
  gatewayApiCrds,
  gatewayCertificate,
  grafana,
  grafanaDashboards,
  istioBase,
  istioCni,
  istioConfig,
  istioGateway,
  istiod,
  jenkins,
  keycloak,
  kiali,
  kubePrometheusStack,
  localPath,
  loki,
  metallb,
  metallbPools,
  metricsServer,
  nodePort,
  otelCollector,
  prometheusOperatorCrds,
  seaweedfs,
  tempo,
  thanos,
  vault,
  vaultIssuer,
  webhookLogger,
]);
