import type { XmlElement } from "./xml-tree.ts";

const NONE: readonly XmlElement[] = [];

/** Looked up often and by the thousand where a sender puts everything into one list: found once. */
const childrenByName = new WeakMap<XmlElement, ReadonlyMap<string, readonly XmlElement[]>>();

/** The child elements, all or those of a name. */
export function children(element: XmlElement | undefined, name?: string): readonly XmlElement[] {
  if (element === undefined) return NONE;
  if (name === undefined) return element.children.filter((each) => typeof each !== "string");
  const known = childrenByName.get(element) ?? indexChildren(element);
  return known.get(name) ?? NONE;
}

function indexChildren(element: XmlElement): ReadonlyMap<string, readonly XmlElement[]> {
  const index = Map.groupBy(
    element.children.filter((each) => typeof each !== "string"),
    ({ name }) => name,
  );
  childrenByName.set(element, index);
  return index;
}

/** The first element at a path of names, from child to child. */
export function child(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let at = element;
  for (const name of path) at = children(at, name)[0];
  return at;
}

/** All elements at a path of names. */
export function descend(element: XmlElement | undefined, ...path: readonly string[]): readonly XmlElement[] {
  let found = element === undefined ? [] : [element];
  for (const name of path) found = found.flatMap((each) => children(each, name));
  return found;
}

/** An attribute that says something, without blanks around it. */
export function attribute(element: XmlElement | undefined, name: string): string | undefined {
  const value = element?.attributes.get(name)?.trim();
  return value === undefined || value === "" ? undefined : value;
}

/** The words in an element and below it, with runs of blanks made one; `undefined` when there are none. */
export function words(element: XmlElement | undefined): string | undefined {
  const parts: string[] = [];
  gather(element, parts);
  const text = parts.join("").replace(/\s+/g, " ").trim();
  return text === "" ? undefined : text;
}

function gather(element: XmlElement | undefined, parts: string[]): void {
  for (const each of element?.children ?? []) {
    if (typeof each === "string") parts.push(each);
    else {
      // Cells and lines are words apart, emphasis within a word is not.
      const apart = /^(td|th|tr|br|item|paragraph|list|caption|title)$/.test(each.name);
      if (apart) parts.push(" ");
      gather(each, parts);
      if (apart) parts.push(" ");
    }
  }
}

/** Whether the element states one of the templates (C-CDA §3.3.1: by root; versions share it). */
export function hasTemplate(element: XmlElement | undefined, ...roots: readonly string[]): boolean {
  return children(element, "templateId").some((template) => roots.includes(attribute(template, "root") ?? ""));
}

/** Every element of the name at or below the element, in the order of the document. */
export function everyElement(element: XmlElement, name: string): readonly XmlElement[] {
  const found: XmlElement[] = [];
  const visit = (each: XmlElement): void => {
    if (each.name === name) found.push(each);
    for (const inner of children(each)) visit(inner);
  };
  visit(element);
  return found;
}
