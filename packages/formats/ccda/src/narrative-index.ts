import { attribute, child, children, everyElement, words } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

/** Words of a document's narrative by the ID that entries refer to. */
export type NarrativeIndex = {
  /** `undefined` where there is no such ID, or no words. */
  wordsOf(id: string): string | undefined;
};

/** Thousands of references to one long text would multiply it; no real document refers to more than it holds a few times. */
const MAX_REFERRED_CHARACTERS = 16_777_216;

/** XML ids are unique in a document; where a sender repeats one, the first counts. */
export function indexNarrative(root: XmlElement): NarrativeIndex {
  const elements = new Map<string, XmlElement>();
  const known = new Map<string, string | undefined>();
  let left = MAX_REFERRED_CHARACTERS;
  const visit = (element: XmlElement): void => {
    const id = attribute(element, "ID");
    if (id !== undefined && !elements.has(id)) elements.set(id, element);
    for (const each of children(element)) visit(each);
  };
  for (const section of everyElement(root, "section")) {
    const text = child(section, "text");
    if (text !== undefined) visit(text);
  }
  return {
    wordsOf(id) {
      if (!known.has(id)) known.set(id, words(elements.get(id)));
      const text = known.get(id);
      left -= text?.length ?? 0;
      return left < 0 ? undefined : text;
    },
  };
}
