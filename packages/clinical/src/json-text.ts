import { parseJson } from "@caseroom/contract";

/**
 * Looking into JSON text without building values from it, so that what a source wrote (above all the decimals of a
 * number, FHIR R4 §2.24.0.1 decimal) survives. Everything here but `jsonDepth` expects text that already parsed.
 */

const [QUOTE, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [34, 123, 125, 91, 93];

/** The deepest nesting of objects and arrays. Works on any text, so that a limit holds before anything is parsed. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth++;
      if (depth > deepest) deepest = depth;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
  }
  return deepest;
}

/** The text of the value at a path of member names and indices; `undefined` when there is none. A repeated name: the last counts. */
export function sliceJson(text: string, path: readonly (string | number)[]): string | undefined {
  let slice: string | undefined = text.trim();
  for (const step of path) {
    if (slice === undefined) return undefined;
    slice = typeof step === "number" ? sliceElements(slice)[step] : sliceMembers(slice).get(step);
  }
  return slice;
}

/** The texts of an array's elements in order; none when the text is not an array. */
export function sliceElements(text: string): string[] {
  const elements: string[] = [];
  if (!text.startsWith("[")) return elements;
  let at = skipSpace(text, 1);
  while (at < text.length && text[at] !== "]") {
    const end = endOfValue(text, at);
    elements.push(text.slice(at, end));
    at = skipSeparator(text, end);
  }
  return elements;
}

/** The texts of an object's members by name; none when the text is not an object. */
export function sliceMembers(text: string): Map<string, string> {
  return new Map([...spanMembers(text)].map(([name, { start, end }]) => [name, text.slice(start, end)]));
}

/** Where the values of an object's members stand in the text, by name; none when the text is not an object. */
export function spanMembers(text: string): Map<string, { readonly start: number; readonly end: number }> {
  const members = new Map<string, { readonly start: number; readonly end: number }>();
  if (!text.startsWith("{")) return members;
  let at = skipSpace(text, 1);
  while (at < text.length && text[at] !== "}") {
    const nameEnd = endOfString(text, at);
    const name = readName(text, at, nameEnd);
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = endOfValue(text, start);
    if (name !== undefined) members.set(name, { start, end });
    at = skipSeparator(text, end);
  }
  return members;
}

function readName(text: string, start: number, end: number): string | undefined {
  const plain = text.slice(start + 1, end - 1);
  if (!plain.includes("\\")) return plain;
  const name = parseJson(text.slice(start, end));
  return name.ok && typeof name.value === "string" ? name.value : undefined;
}

/**
 * The text with string values replaced: `replace` is asked about every member whose value is a string, at any depth, and
 * answers the new string or `undefined` to leave the bytes as they are.
 */
export function replaceStrings(text: string, replace: (name: string, value: string) => string | undefined): string {
  let result = "";
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '"') continue;
    const nameEnd = endOfString(text, at);
    const colon = skipSpace(text, nameEnd);
    const start = skipSpace(text, colon + 1);
    const name = text.slice(at + 1, nameEnd - 1);
    at = nameEnd - 1;
    if (text[colon] !== ":" || text[start] !== '"') continue;
    const end = endOfString(text, start);
    const value = parseJson(text.slice(start, end));
    const replaced = value.ok && typeof value.value === "string" ? replace(name, value.value) : undefined;
    if (replaced !== undefined) {
      result += text.slice(copied, start) + JSON.stringify(replaced);
      copied = end;
    }
    at = end - 1;
  }
  return result + text.slice(copied);
}

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * The text with its numbers as strings that `unquoteNumbers` knows: they pass through parsing with every digit. The mark is
 * U+0001, which no string of FHIR holds (FHIR R4 §2.24.0.1).
 */
export function quoteNumbers(text: string): string {
  let result = "";
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') at = endOfString(text, at) - 1;
    else if (character === "-" || (character >= "0" && character <= "9")) {
      NUMBER.lastIndex = at;
      const digits = NUMBER.exec(text)?.[0] ?? character;
      result += `${text.slice(copied, at)}"\\u0001${digits}"`;
      at += digits.length - 1;
      copied = at + 1;
    }
  }
  return result + text.slice(copied);
}

/** The text that `JSON.stringify` made of values from `quoteNumbers`, with the numbers as they were written. */
export function unquoteNumbers(text: string): string {
  return text.replace(/"\\u0001(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"/g, "$1");
}

function skipSeparator(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text[at] === "," ? skipSpace(text, at + 1) : at;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}

function endOfString(text: string, quote: number): number {
  let end = text.indexOf('"', quote + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length + 1 : end + 1;
}

/** After an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === 92) before--;
  return (at - before) % 2 === 0;
}

function endOfValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return endOfString(text, from);
  if (first === "{" || first === "[") return endOfContainer(text, from);
  let at = from;
  while (at < text.length && !",]} \t\r\n".includes(text.charAt(at))) at++;
  return Math.max(at, from + 1);
}

function endOfContainer(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const character = text[at];
    if (character === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (character === "{" || character === "[") depth++;
    if (character === "}" || character === "]") depth--;
    at++;
    if (depth === 0) break;
  }
  return at;
}
