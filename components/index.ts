import { alertRules } from './alert-rules';
import { alertSlack } from './alert-slack';
import { alertWebhook } from './alert-webhook';
import { appRepository } from './app-repository';
import { argoCd } from './argo-cd';
import { argoCdApps } from './argo-cd-apps';
import { bridgeCni } from './bridge-cni';
import { certManager } from './cert-manager';
import { cilium } from './cilium';
import { defaultLimits } from './default-limits';
import type { Component } from './define';
import { demo } from './demo';
import { demoApps } from './demo-apps';
import { demoLoad } from './demo-load';
import { demoPolicies } from './demo-policies';
import { demoRoutes } from './demo-routes';
import { demoScaling } from './demo-scaling';
import { externalSecrets } from './external-secrets';
import { externalSecretsStore } from './external-secrets-store';
import { falco } from './falco';
import { gateway } from './gateway';
import { gatewayApiCrds } from './gateway-api-crds';
import { gatewayCertificate } from './gateway-certificate';
import { goldilocks } from './goldilocks';
import { grafana } from './grafana';
import { grafanaDashboards } from './grafana-dashboards';
import { istioBase } from './istio-base';
import { istioCni } from './istio-cni';
import { istioConfig } from './istio-config';
import { istioGateway } from './istio-gateway';
import { istiod } from './istiod';
import { jenkins } from './jenkins';
import { k8sgpt } from './k8sgpt';
import { k8sgptAnalyzer } from './k8sgpt-analyzer';
import { keda } from './keda';
import { keycloak } from './keycloak';
import { kiali } from './kiali';
import { kubePrometheusStack } from './kube-prometheus-stack';
import { kyverno } from './kyverno';
import { kyvernoPolicies } from './kyverno-policies';
import { localPath } from './local-path';
import { loki } from './loki';
import { metallb } from './metallb';
import { metallbPools } from './metallb-pools';
import { metricsServer } from './metrics-server';
import { nodePort } from './node-port';
import { otelCollector } from './otel-collector';
import { pkiBootstrap } from './pki-bootstrap';
import { production } from './production';
import { prometheusOperatorCrds } from './prometheus-operator-crds';
import { robusta } from './robusta';
import { seaweedfs } from './seaweedfs';
import { tempo } from './tempo';
import { thanos } from './thanos';
import { trivyOperator } from './trivy-operator';
import { vault } from './vault';
import { vaultIssuer } from './vault-issuer';
import { velero } from './velero';
import { vpa } from './vpa';
import { webhookLogger } from './webhook-logger';

/** Everything that can be installed, sorted by id; the only lookup of a component by its name starts here. */
export const catalog: readonly Component[] = Object.freeze([
  alertRules,
  alertSlack,
  alertWebhook,
  appRepository,
  argoCd,
  argoCdApps,
  bridgeCni,
  certManager,
  cilium,
  defaultLimits,
  demo,
  demoApps,
  demoLoad,
  demoPolicies,
  demoRoutes,
  demoScaling,
  externalSecrets,
  externalSecretsStore,
  falco,
  gateway,
  gatewayApiCrds,
  gatewayCertificate,
  goldilocks,
  grafana,
  grafanaDashboards,
  istioBase,
  istioCni,
  istioConfig,
  istioGateway,
  istiod,
  jenkins,
  k8sgpt,
  k8sgptAnalyzer,
  keda,
  keycloak,
  kiali,
  kubePrometheusStack,
  kyverno,
  kyvernoPolicies,
  localPath,
  loki,
  metallb,
  metallbPools,
  metricsServer,
  nodePort,
  otelCollector,
  pkiBootstrap,
  production,
  prometheusOperatorCrds,
  robusta,
  seaweedfs,
  tempo,
  thanos,
  trivyOperator,
  vault,
  vaultIssuer,
  velero,
  vpa,
  webhookLogger,
]);
