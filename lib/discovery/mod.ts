/**
 * Finding the instances of a service and choosing one of them for each call.
 *
 * @module
 */
export type { Balancer, BalancerHost, ChannelState, Connectivity, PickCall, Picker, PickOutcome } from "./balancer.ts";
export { consistentHash, type ConsistentHashOptions } from "./balancers/consistent_hash.ts";
export { leastRequest } from "./balancers/least_request.ts";
export { type EjectionChange, outlierEjection, type OutlierEjectionOptions } from "./balancers/outlier_ejection.ts";
export { pickFirst, type PickFirstOptions } from "./balancers/pick_first.ts";
export { peakEwma, type PeakEwmaOptions } from "./balancers/peak_ewma.ts";
export { readyOnly } from "./balancers/ready_only.ts";
export { interleavedRoundRobin, roundRobin, weightedRoundRobin } from "./balancers/round_robin.ts";
export { slowStart, type SlowStartOptions } from "./balancers/slow_start.ts";
export { subset, type SubsetOptions } from "./balancers/subset.ts";
export { tagging, type TaggingOptions } from "./balancers/tagging.ts";
export { weightedRandom, weightedRandomAlias } from "./balancers/weighted_random.ts";
export { zoneAware, type ZoneAwareOptions } from "./balancers/zone_aware.ts";
export type { ConsulOptions } from "./consul/http.ts";
export { type ConsulCheck, consulRegistry, type ConsulRegistryOptions } from "./consul/registry.ts";
export { consulResolver, type ConsulResolverOptions } from "./consul/resolver.ts";
export { dnsResolver, type DnsResolverOptions } from "./dns.ts";
export { etcdJsonGateway, type EtcdOptions } from "./etcd/json_gateway.ts";
export type { EtcdChange, EtcdEntry, EtcdKv, EtcdLease, EtcdRange } from "./etcd/kv.ts";
export { ETCD_PREFIX } from "./etcd/record.ts";
export { etcdRegistry, type EtcdRegistryOptions } from "./etcd/registry.ts";
export { etcdResolver, type EtcdResolverOptions } from "./etcd/resolver.ts";
export { fileResolver, type FileResolverOptions } from "./file.ts";
export type { HttpJsonOptions } from "./http_json.ts";
export { createInstance, DEFAULT_WEIGHT, type Instance, type InstanceInit } from "./instance.ts";
export { kubernetesResolver, type KubernetesResolverOptions } from "./kubernetes/resolver.ts";
export type { NacosOptions } from "./nacos/http.ts";
export { nacosRegistry } from "./nacos/registry.ts";
export { nacosResolver, type NacosResolverOptions } from "./nacos/resolver.ts";
export type { RegisterOptions, Registration, Registry, RegistryInfo } from "./registry.ts";
export type { Resolution, ResolutionSink, Resolver, ResolveTarget } from "./resolver.ts";
export { snapshot, type SnapshotOptions } from "./snapshot.ts";
export { staticResolver } from "./static.ts";
export { type ZooKeeperClient, zooKeeperClient, type ZooKeeperOptions } from "./zookeeper/client.ts";
export type { ZooKeeperNode, ZooKeeperNodes, ZooKeeperReading, ZooKeeperWatcher } from "./zookeeper/nodes.ts";
export { zooKeeperRegistry, type ZooKeeperRegistryOptions } from "./zookeeper/registry.ts";
export { zooKeeperResolver, type ZooKeeperResolverOptions } from "./zookeeper/resolver.ts";
