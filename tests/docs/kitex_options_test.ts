/**
 * Every option of Kitex v0.16 has a row in docs/coming_from_kitex.md: under what it is, by its name.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { textOf } from "./documents.ts";

const OPTIONS: Readonly<Record<string, string>> = {
  "Options of a client":
    `WithSuite TailOption WithDestService WithClientBasicInfo WithHostPorts WithResolver WithHTTPResolver
    WithLoadBalancer WithTag WithTransportProtocol WithShortConnection WithLongConnection WithMuxConnection WithConnPool
    WithConnReporterEnabled WithRPCTimeout WithUnaryOptions WithUnaryRPCTimeout WithConnectTimeout WithTimeoutProvider WithMiddleware
    WithMiddlewareBuilder WithInstanceMW WithUnaryMiddleware WithStreamMiddleware WithStreamRecvMiddleware WithStreamSendMiddleware
    WithFailureRetry WithBackupRequest WithMixedRetry WithRetryMethodPolicies WithSpecifiedResultRetry WithRetryContainer WithFallback
    WithCircuitBreaker WithACLRules WithTracer WithStatsLevel WithStreamEventHandler WithCodec WithPayloadCodec
    WithTransHandlerFactory WithBoundHandler WithDialer WithMetaHandler WithFirstMetaHandler WithErrorHandler WithProxy WithXDSSuite
    WithDiagnosisService WithWarmingUp WithCloseCallbacks WithContextBackup WithGeneric WithHTTPConnection WithStreamRecvTimeout
    WithGRPCConnPoolSize WithGRPCWriteBufferSize WithGRPCReadBufferSize WithGRPCInitialWindowSize WithGRPCInitialConnWindowSize
    WithGRPCMaxHeaderListSize WithGRPCKeepaliveParams WithGRPCTLSConfig WithGRPCReuseWriteBuffer WithTTHeaderStreamingOptions`,
  "Options of a call":
    `WithHostPort WithURL WithHTTPHost WithRPCTimeout WithConnectTimeout WithTag WithRetryPolicy WithFallback
    WithGRPCCompressor WithBinaryGenericIDLService WithRecvTimeout`,
  "Options of a server":
    `WithServiceAddr WithListener WithReusePort WithReadWriteTimeout WithExitWaitTime WithMaxConnIdleTime WithLimit
    WithConnectionLimiter WithQPSLimiter WithLimitReporter WithRegistry WithRegistryInfo WithMiddleware WithTracer WithStatsLevel
    WithStreamEventHandler WithMetaHandler WithBoundHandler WithCodec WithPayloadCodec WithTransHandlerFactory WithTransServerFactory
    WithErrorHandler WithACLRules WithProxy WithDiagnosisService WithExitSignal WithServerBasicInfo WithSuite WithContextBackup
    WithRefuseTrafficWithoutServiceName WithEnableContextTimeout WithProfiler WithGRPCMaxConcurrentStreams WithGRPCMaxHeaderListSize
    WithGRPCKeepaliveParams WithGRPCKeepaliveEnforcementPolicy WithGRPCUnknownServiceHandler WithFallbackService
    RegisterUnknownServiceOrMethodHandler RegisterStartHook RegisterShutdownHook`,
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
    });
  }
});
