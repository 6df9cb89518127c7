/**
 * Every option of Kitex v0.16.2 has a row in docs/coming_from_kitex.md: under what it is, by its name.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { textOf } from "./documents.ts";

/** All that v0.16.2 exports. */
const OPTIONS: Readonly<Record<string, string>> = {
  "Options of a client":
    `TailOption WithACLRules WithBackupRequest WithBoundHandler WithCircuitBreaker WithClientBasicInfo
    WithCloseCallbacks WithCodec WithConnMetric WithConnPool WithConnReporterEnabled WithConnectTimeout
    WithContextBackup WithContextMiddlewares WithDestService WithDiagnosisService WithDialer WithErrorHandler
    WithFailureRetry WithFallback WithFirstMetaHandler WithFramedTransport WithGRPCConnPoolSize
    WithGRPCInitialConnWindowSize WithGRPCInitialWindowSize WithGRPCKeepaliveParams WithGRPCMaxHeaderListSize
    WithGRPCReadBufferSize WithGRPCReuseWriteBuffer WithGRPCTLSConfig WithGRPCWriteBufferSize WithGeneric
    WithHTTPConnection WithHTTPResolver WithHostPorts WithInstanceMW WithLoadBalancer WithLogger
    WithLongConnection WithMetaHandler WithMiddleware WithMiddlewareBuilder WithMixedRetry WithMuxConnection
    WithPayloadCodec WithProxy WithRPCTimeout WithResolver WithRetryContainer WithRetryMethodPolicies
    WithShortConnection WithSpecifiedResultRetry WithStatsLevel WithStreamEventHandler WithStreamMiddleware
    WithStreamMiddlewareBuilder WithStreamOptions WithStreamRecvMiddleware WithStreamRecvMiddlewareBuilder
    WithStreamRecvTimeout WithStreamRecvTimeoutConfig WithStreamSendMiddleware WithStreamSendMiddlewareBuilder
    WithSuite WithTTHeaderStreamingOptions WithTTHeaderStreamingTransportOptions WithTag WithTimeoutProvider
    WithTracer WithTransHandlerFactory WithTransportProtocol WithUnaryMiddleware WithUnaryMiddlewareBuilder
    WithUnaryOptions WithUnaryRPCTimeout WithWarmingUp WithXDSSuite`,
  "Options of a call":
    `WithBinaryGenericIDLService WithConnectTimeout WithFallback WithGRPCCompressor WithHTTPHost WithHostPort
    WithRPCTimeout WithRecvTimeout WithRecvTimeoutConfig WithRetryPolicy WithTag WithURL`,
  "Options of a server":
    `RegisterShutdownHook RegisterStartHook RegisterUnknownServiceOrMethodHandler WithACLRules WithBoundHandler
    WithCodec WithCompatibleMiddlewareForUnary WithConcurrencyLimiter WithConnectionLimiter WithContextBackup
    WithDiagnosisService WithEnableContextTimeout WithErrorHandler WithExitSignal WithExitWaitTime
    WithFallbackService WithGRPCInitialConnWindowSize WithGRPCInitialWindowSize WithGRPCKeepaliveEnforcementPolicy
    WithGRPCKeepaliveParams WithGRPCMaxConcurrentStreams WithGRPCMaxHeaderListSize WithGRPCReadBufferSize
    WithGRPCReuseWriteBuffer WithGRPCUnknownServiceHandler WithGRPCWriteBufferSize WithGeneric WithLimit
    WithLimitReporter WithListener WithLogger WithMaxConnIdleTime WithMetaHandler WithMiddleware
    WithMiddlewareBuilder WithMultiProtocol WithMuxTransport WithPayloadCodec WithProfiler
    WithProfilerMessageTagging WithProfilerTransInfoTagging WithProxy WithQPSLimiter WithReadWriteTimeout
    WithRecvMiddleware WithRecvMiddlewareBuilder WithRefuseTrafficWithoutServiceName WithRegistry WithRegistryInfo
    WithReusePort WithSendMiddleware WithSendMiddlewareBuilder WithServerBasicInfo WithServiceAddr WithStatsLevel
    WithStreamEventHandler WithStreamMiddleware WithStreamMiddlewareBuilder WithStreamOptions
    WithStreamRecvMiddleware WithStreamRecvMiddlewareBuilder WithStreamSendMiddleware
    WithStreamSendMiddlewareBuilder WithSuite WithTTHeaderStreamingOptions WithTTHeaderStreamingTransportOptions
    WithTracer WithTransHandlerFactory WithTransServerFactory WithUnaryMiddleware WithUnaryMiddlewareBuilder
    WithUnaryOptions`,
};

const text = textOf("docs/coming_from_kitex.md");

describe("coming from Kitex", () => {
  for (const [title, names] of Object.entries(OPTIONS)) {
    it(`names all ${title.toLowerCase()}`, () => {
      const [, after = ""] = text.split(`## ${title}\n`);
      const [section = ""] = after.split("\n## ");
      const firstCells = section.split("\n").filter((line) => line.startsWith("|")).map((line) => line.split("|")[1]!)
        .join(" ");
      const there = new Set(firstCells.match(/[A-Z][A-Za-z0-9]+/g));
      assertEquals(names.split(/\s+/).filter((name) => !there.has(name)), []);
      const known = new Set(names.split(/\s+/));
      assertEquals([...there].filter((name) => /^With[A-Z]/.test(name) && !known.has(name)), []);
    });
  }
});
