import { err, type Failure, failure, ok, type Result } from "@caseroom/contract";
import { SaxesParser, type SaxesTagPlain } from "saxes";

/**
 * An element of HL7 v3. Its name is the local one where it is in HL7's namespace or in none; in another namespace it
 * keeps a prefix (`sdtc:` for HL7's extensions, `other:` for everything else), whatever prefix the document chose.
 */
export type XmlElement = {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly (XmlElement | string)[];
};

export type XmlProblem = Failure<"SOURCE_UNREADABLE" | "SOURCE_UNSUPPORTED" | "TOO_LARGE">;

const MAX_DEPTH = 100;
const MAX_ELEMENTS = 250_000;
const MAX_ATTRIBUTES = 64;
const CHUNK = 65_536;
const HL7 = "urn:hl7-org:v3";
const EXTENSIONS = "urn:hl7-org:sdtc";

type Scope = ReadonlyMap<string, string>;
type Open = {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: (XmlElement | string)[];
};

/**
 * The elements at the top of the text: one of a document, several of loose fragments. Refuses document type declarations
 * altogether, so that no entity but XML's own five is ever expanded; TOO_LARGE above 100 levels, 250 000 elements or 64
 * attributes of one element. A prefix that is used without being declared, as examples cut out of documents do, is
 * taken to mean what it usually means.
 */
export function parseXml(text: string): Result<readonly XmlElement[], XmlProblem> {
  const builder = createBuilder();
  const parser = new SaxesParser({ xmlns: false, fragment: !/^\s*<\?xml\s|<!DOCTYPE/.test(text) });
  parser.on("error", () => builder.refuse(failure("SOURCE_UNREADABLE", "the text is not well-formed XML")));
  parser.on("doctype", () => builder.refuse(failure("SOURCE_UNSUPPORTED", "document type declarations are not taken")));
  parser.on("opentag", (tag) => builder.open(tag));
  parser.on("closetag", () => builder.close());
  parser.on("text", (words) => builder.text(words));
  parser.on("cdata", (words) => builder.text(words));
  for (let at = 0; at < text.length && builder.problem() === undefined; at += CHUNK) {
    parser.write(text.slice(at, at + CHUNK));
  }
  if (builder.problem() === undefined) parser.close();
  const problem = builder.problem();
  if (problem !== undefined) return err(problem);
  const roots = builder.roots();
  return roots.length === 0 ? err(failure("SOURCE_UNREADABLE", "there is no element")) : ok(roots);
}

function createBuilder() {
  const top: XmlElement[] = [];
  const stack: Open[] = [];
  const scopes: Scope[] = [new Map()];
  let elements = 0;
  let refused: XmlProblem | undefined;

  function refuse(problem: XmlProblem): void {
    refused ??= problem;
  }

  return {
    refuse,
    problem: () => refused,
    roots: () => top,
    open(tag: SaxesTagPlain): void {
      if (refused !== undefined) return;
      const given = Object.entries(tag.attributes);
      const excess = limitExceeded(stack.length, ++elements, given.length);
      if (excess !== undefined) {
        refuse(failure("TOO_LARGE", excess));
        return;
      }
      const scope = innerScope(scopes.at(-1) ?? new Map(), given);
      scopes.push(scope);
      stack.push({ name: elementName(tag.name, scope), attributes: plainAttributes(given), children: [] });
    },
    close(): void {
      const element = stack.pop();
      scopes.pop();
      if (refused !== undefined || element === undefined) return;
      (stack.at(-1)?.children ?? top).push(element);
    },
    text(words: string): void {
      stack.at(-1)?.children.push(words);
    },
  };
}

function limitExceeded(depth: number, elements: number, attributes: number): string | undefined {
  if (depth >= MAX_DEPTH) return "the document is nested too deeply";
  if (elements > MAX_ELEMENTS) return "the document has too many elements";
  return attributes > MAX_ATTRIBUTES ? "an element has too many attributes" : undefined;
}

function innerScope(outer: Scope, attributes: readonly (readonly [string, string])[]): Scope {
  const declared = attributes.filter(([name]) => name === "xmlns" || name.startsWith("xmlns:"));
  if (declared.length === 0) return outer;
  return new Map([...outer, ...declared.map(([name, uri]) => [name.slice(6), uri] as const)]);
}

function elementName(qualified: string, scope: Scope): string {
  const colon = qualified.indexOf(":");
  const prefix = colon < 0 ? "" : qualified.slice(0, colon);
  const local = qualified.slice(colon + 1);
  const uri = scope.get(prefix) ?? (prefix === "sdtc" ? EXTENSIONS : HL7);
  if (uri === HL7 || uri === "") return local;
  return uri === EXTENSIONS ? `sdtc:${local}` : `other:${local}`;
}

/** Namespace declarations are done with; `xsi:type` is found as `type` under whatever prefix. */
function plainAttributes(attributes: readonly (readonly [string, string])[]): Map<string, string> {
  const plain = new Map<string, string>();
  for (const [name, value] of attributes) {
    if (name === "xmlns" || name.startsWith("xmlns:")) continue;
    plain.set(name.endsWith(":type") ? "xsi:type" : name, value);
  }
  return plain;
}
