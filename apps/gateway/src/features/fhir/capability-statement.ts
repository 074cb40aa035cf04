import { SEARCHED_TYPES, searchedType } from "./searched-types.ts";

const COMMON = [
  { name: "_id", type: "token" },
  { name: "_lastUpdated", type: "date" },
  { name: "identifier", type: "token" },
];
const PAYLOAD = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content";

/** CapabilityStatement (FHIR R4 §5.5): exactly what works. */
export function capabilityStatement(baseUrl: string) {
  return {
    resourceType: "CapabilityStatement",
    status: "active",
    date: "2026-11-25",
    kind: "instance",
    fhirVersion: "4.0.1",
    format: ["application/fhir+json", "json"],
    implementation: {
      description:
        "What this institution may read, opened by its gateway; what it writes is sealed into its patients' charts",
      url: `${baseUrl}/fhir`,
    },
    rest: [
      {
        mode: "server",
        security: {
          cors: false,
          service: [
            {
              coding: [
                { system: "http://terminology.hl7.org/CodeSystem/restful-security-service", code: "SMART-on-FHIR" },
              ],
            },
          ],
          description: `Backend services: ${baseUrl}/fhir/.well-known/smart-configuration`,
        },
        interaction: [{ code: "transaction" }, { code: "batch" }],
        resource: SEARCHED_TYPES.map(resourceOf),
      },
    ],
  };
}

function resourceOf(type: string) {
  const { date, tokens, references } = searchedType(type);
  const interactions = ["read", "vread", "update", "delete", "history-instance", "create", "search-type"];
  const referenceNames = Object.keys(references);
  const patientChain = referenceNames.includes("patient") ? [{ name: "patient.identifier", type: "token" }] : [];
  return {
    type,
    interaction: interactions.map((code) => ({ code })),
    versioning: "versioned-update",
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalUpdate: false,
    conditionalDelete: "not-supported",
    referencePolicy: ["literal", "logical", "local"],
    searchInclude: referenceNames.map((name) => `${type}:${name}`),
    searchParam: [
      ...COMMON,
      ...(date === undefined ? [] : [{ name: date.name, type: "date" }]),
      ...Object.keys(tokens).map((name) => ({ name, type: "token" })),
      ...referenceNames.map((name) => ({ name, type: "reference" })),
      ...patientChain,
    ],
    ...(type === "Patient"
      ? {
          operation: [{ name: "everything", definition: "http://hl7.org/fhir/OperationDefinition/Patient-everything" }],
        }
      : {}),
    ...(type === "Subscription"
      ? { documentation: `channel.type rest-hook; ${PAYLOAD} empty or id-only; a notification never holds content` }
      : {}),
  };
}
