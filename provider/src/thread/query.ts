import { RequestError } from "../dashscope/errors";
import { describeEndpoint } from "../dashscope/url";
import { MissingError } from "../resource/errors";
import type { Query } from "../resource/query";
import { fetchThread } from "./endpoints";
import type { GetThreadArgs, GetThreadResult } from "./lookup";

/** The lookup of a thread. */
export const threadQuery: Query<GetThreadArgs, GetThreadResult> = {
  token: "dashscope:index:getThread",
  async fetch({ id, workspace }, client, configuration) {
    const { endpoint } = configuration.resolveEndpoint("native", workspace);
    try {
      const { requestId: _, ...thread } = await fetchThread(client, endpoint, id);
      return { ...thread, metadata: { ...thread.metadata }, ...endpoint };
    } catch (error) {
      if (!(error instanceof RequestError) || error.outcome !== "gone") throw error;
      throw new MissingError(`thread ${id}`, describeEndpoint(endpoint), error);
    }
  },
};
