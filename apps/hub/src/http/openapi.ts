import { type Body, FRAMED_MEDIA_TYPE, OPERATIONS, type Operation, STREAM_PATH } from "@caseroom/contract";
import { z } from "zod";
import { HTTP_STATUS, PROBLEM_MEDIA_TYPE } from "./problem.ts";

type Json = { readonly [key: string]: unknown };

/** The OpenAPI 3.1 description of the hub, made from the same contract that validates every request. */
export function describeApi(publicUrl: string): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of OPERATIONS) {
    const path = operation.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describeOperation(operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Caseroom hub",
      version: "1",
      description: `Every body of the media type ${FRAMED_MEDIA_TYPE} is a framed message: u32be(head length) ‖ head (UTF-8 JSON) ‖ { u32be(part length) ‖ part }*. Live updates: WebSocket at ${STREAM_PATH}.`,
    },
    servers: [{ url: publicUrl }],
    paths,
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      schemas: { Problem: PROBLEM_SCHEMA },
    },
  };
}

const PROBLEM_SCHEMA = {
  type: "object",
  description: "RFC 9457",
  required: ["type", "title", "status", "code"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string", enum: Object.keys(HTTP_STATUS) },
  },
};

function describeOperation(operation: Operation): Json {
  const content = describeBody(operation.request, "input");
  return {
    operationId: operation.id,
    summary: operation.summary,
    tags: [operation.id.split(".")[0]],
    security: operation.auth === "none" ? [] : [{ bearer: [] }],
    parameters: [...describeParameters(operation.params, "path"), ...describeParameters(operation.query, "query")],
    ...(content === undefined ? {} : { requestBody: { required: true, content } }),
    responses: { ...describeSuccess(operation.response), ...describeProblems(operation) },
  };
}

function describeSuccess(body: Body): Json {
  const content = describeBody(body, "input");
  return content === undefined ? { 204: { description: "Done." } } : { 200: { description: "Done.", content } };
}

function describeProblems(operation: Operation): Json {
  const byStatus = new Map<number, string[]>();
  for (const code of operation.errors)
    byStatus.set(HTTP_STATUS[code], [...(byStatus.get(HTTP_STATUS[code]) ?? []), code]);
  const content = { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } };
  const problems = [...byStatus].map(([status, codes]) => [status, { description: codes.join(", "), content }]);
  return { ...Object.fromEntries(problems), default: { description: "Any other problem.", content } };
}

function describeParameters(schema: z.ZodType, place: "path" | "query"): readonly Json[] {
  const described = schemaOf(schema, "input");
  const properties = described.properties;
  const required: unknown = described.required;
  if (typeof properties !== "object" || properties === null) return [];
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || (Array.isArray(required) && required.includes(name)),
    schema: property,
  }));
}

function describeBody(body: Body, io: "input"): Json | undefined {
  switch (body.kind) {
    case "none":
      return undefined;
    case "json":
      return { "application/json": { schema: schemaOf(body.schema, io) } };
    case "framed":
      return {
        [FRAMED_MEDIA_TYPE]: {
          schema: {
            description: "A framed message. x-head is the schema of its JSON head.",
            "x-head": schemaOf(body.schema, io),
            "x-max-parts": body.maxParts,
            "x-max-part-bytes": body.maxPartBytes,
          },
        },
      };
    case "raw":
      return { [body.mediaType]: { schema: { "x-max-bytes": body.maxBytes } } };
  }
}

function schemaOf(schema: z.ZodType, io: "input"): Json {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return described;
}
