import { type handleUnaryCall, Metadata, status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { addPulumiAdvice } from "../../config/advice";
import { DashScopeError } from "../../dashscope/errors";
import { IncompleteError } from "../../resource/errors";
import { writeStruct } from "./struct";

/** Turns a function into the handler of an RPC, and translates its errors. */
export function handle<Request, Response>(
  answer: (request: Request) => Promise<Response> | Response,
): handleUnaryCall<Request, Response> {
  return async ({ request }, callback) => {
    try {
      callback(null, await answer(request));
    } catch (error) {
      callback(describeError(error));
    }
  };
}

function describeError(error: unknown) {
  const details = error instanceof DashScopeError ? addPulumiAdvice(error) : describeUnexpected(error);
  return {
    code: status.UNKNOWN,
    details,
    ...(error instanceof IncompleteError && { metadata: buildPartialFailure(error, details) }),
  };
}

function describeUnexpected(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Makes the engine keep a resource that exists but isn't as declared. */
function buildPartialFailure({ id, state }: IncompleteError, reason: string): Metadata {
  const failure = new ErrorResourceInitFailed()
    .setId(id)
    .setProperties(writeStruct(state))
    .setReasonsList([reason]);
  const detail = new Any();
  detail.pack(failure.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const whole = new Status().setCode(status.UNKNOWN).setMessage(reason).setDetailsList([detail]);
  const metadata = new Metadata();
  // The header that gRPC has for the details of an error.
  metadata.set("grpc-status-details-bin", Buffer.from(whole.serializeBinary()));
  return metadata;
}
