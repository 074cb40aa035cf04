import type { XmlElement } from "./xml-tree.ts";

/** CDA R2 §4.3.5 narrative blocks to the XHTML that FHIR R4 §2.4 allows. What is not here keeps its words and loses its tag. */
const TAG_BY_ELEMENT = new Map([
  ["paragraph", "p"],
  ["content", "span"],
  ["list", "ul"],
  ["item", "li"],
  ["caption", "b"],
  ["sub", "sub"],
  ["sup", "sup"],
  ["table", "table"],
  ["thead", "thead"],
  ["tbody", "tbody"],
  ["tfoot", "tfoot"],
  ["tr", "tr"],
  ["th", "th"],
  ["td", "td"],
]);

/**
 * A section's narrative as a FHIR `div`. Only tags from a closed list are written and only whole numbers as attributes,
 * so that nothing active can come through.
 */
export function narrativeDiv(text: XmlElement): string {
  return `<div xmlns="http://www.w3.org/1999/xhtml">${inner(text)}</div>`;
}

function inner(element: XmlElement): string {
  return element.children.map((child) => (typeof child === "string" ? escaped(child) : tagged(child))).join("");
}

function tagged(element: XmlElement): string {
  if (element.name === "br") return "<br/>";
  const tag = tagOf(element);
  if (tag === undefined) return inner(element);
  const spans = tag === "td" || tag === "th" ? ["colspan", "rowspan"] : [];
  const attributes = spans.flatMap((name) => {
    const value = element.attributes.get(name) ?? "";
    return /^\d{1,3}$/.test(value) ? [` ${name}="${value}"`] : [];
  });
  return `<${tag}${attributes.join("")}>${inner(element)}</${tag}>`;
}

function tagOf(element: XmlElement): string | undefined {
  if (element.name === "list" && element.attributes.get("listType") === "ordered") return "ol";
  const style = element.attributes.get("styleCode") ?? "";
  if (element.name === "content" && /\bBold\b/.test(style)) return "b";
  if (element.name === "content" && /\bItalics\b/.test(style)) return "i";
  return TAG_BY_ELEMENT.get(element.name);
}

function escaped(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
