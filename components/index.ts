import { k8sgpt } from './assistants/k8sgpt';
import { k8sgptAnalyzer } from './assistants/k8sgpt-analyzer';
import { robusta } from './assistants/robusta';
import { velero } from './backup/velero';
import type { Component } from './define';
import { appRepository } from './delivery/app-repository';
import { argoCd } from './delivery/argo-cd';
import { argoCdApps } from './delivery/argo-cd-apps';
import { jenkins } from './delivery/jenkins';
import { demo } from './demo/demo';
import { demoApps } from './demo/demo-apps';
import { demoLoad } from './demo/demo-load';
import { demoPolicies } from './demo/demo-policies';
import { demoRoutes } from './demo/demo-routes';
import { demoScaling } from './demo/demo-scaling';
import { bridgeCni } from './network/bridge-cni';
import { cilium } from './network/cilium';
import { gateway } from './network/gateway';
import { gatewayApiCrds } from './network/gateway-api-crds';
import { istioBase } from './network/istio-base';
import { istioCni } from './network/istio-cni';
import { istioConfig } from './network/istio-config';
import { istioGateway } from './network/istio-gateway';
import { istiod } from './network/istiod';
import { metallb } from './network/metallb';
import { metallbPools } from './network/metallb-pools';
import { nodePort } from './network/node-port';
import { alertRules } from './observability/alert-rules';
import { alertSlack } from './observability/alert-slack';
import { alertWebhook } from './observability/alert-webhook';
import { grafana } from './observability/grafana';
import { grafanaDashboards } from './observability/grafana-dashboards';
import { kiali } from './observability/kiali';
import { kubePrometheusStack } from './observability/kube-prometheus-stack';
import { loki } from './observability/loki';
import { otelCollector } from './observability/otel-collector';
import { prometheusOperatorCrds } from './observability/prometheus-operator-crds';
import { tempo } from './observability/tempo';
import { thanos } from './observability/thanos';
import { webhookLogger } from './observability/webhook-logger';
import { certManager } from './pki/cert-manager';
import { externalSecrets } from './pki/external-secrets';
import { externalSecretsStore } from './pki/external-secrets-store';
import { gatewayCertificate } from './pki/gateway-certificate';
import { keycloak } from './pki/keycloak';
import { pkiBootstrap } from './pki/pki-bootstrap';
import { vault } from './pki/vault';
import { vaultIssuer } from './pki/vault-issuer';
import { defaultLimits } from './policy/default-limits';
import { falco } from './policy/falco';
import { kyverno } from './policy/kyverno';
import { kyvernoPolicies } from './policy/kyverno-policies';
import { production } from './policy/production';
import { trivyOperator } from './policy/trivy-operator';
import { goldilocks } from './scaling/goldilocks';
import { keda } from './scaling/keda';
import { metricsServer } from './scaling/metrics-server';
import { vpa } from './scaling/vpa';
import { localPath } from './storage/local-path';
import { seaweedfs } from './storage/seaweedfs';

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
