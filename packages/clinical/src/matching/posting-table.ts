/** Which rows stand under which key: 8 bytes a posting and 16 to 32 a key, doubled while growing, in arrays that grow by doubling. */
export type PostingTable = {
  readonly add: (key: string, row: number) => void;
  /** How many rows stand under the key, those of removed people included. */
  readonly count: (key: string) => number;
  readonly rows: (key: string) => Iterable<number>;
  readonly bytes: () => number;
};

const START = 1024;
const EMPTY = -1;

/** Makes an empty table. Keys are kept as hashes of 32 bits: two that collide share their rows, which costs a comparison and no error. */
export function createPostingTable(): PostingTable {
  let slots = { hash: new Int32Array(START), head: new Int32Array(START).fill(EMPTY), count: new Int32Array(START) };
  let used = 0;
  let postings = { row: new Int32Array(START), next: new Int32Array(START) };
  let size = 0;

  const slotOf = (hash: number): number => {
    const mask = slots.head.length - 1;
    let slot = Math.imul(hash, 0x9e3779b1) >>> 0;
    slot = (slot ^ (slot >>> 15)) & mask;
    while (slots.head[slot] !== EMPTY && slots.hash[slot] !== hash) slot = (slot + 1) & mask;
    return slot;
  };

  const growSlots = (): void => {
    const old = slots;
    const length = old.head.length * 2;
    slots = { hash: new Int32Array(length), head: new Int32Array(length).fill(EMPTY), count: new Int32Array(length) };
    for (let slot = 0; slot < old.head.length; slot += 1) {
      const head = old.head[slot] ?? EMPTY;
      if (head === EMPTY) continue;
      const hash = old.hash[slot] ?? 0;
      const place = slotOf(hash);
      slots.hash[place] = hash;
      slots.head[place] = head;
      slots.count[place] = old.count[slot] ?? 0;
    }
  };

  const growPostings = (): void => {
    const length = postings.row.length * 2;
    const row = new Int32Array(length);
    const next = new Int32Array(length);
    row.set(postings.row);
    next.set(postings.next);
    postings = { row, next };
  };

  return {
    add: (key, row) => {
      if (used * 4 >= slots.head.length * 3) growSlots();
      if (size === postings.row.length) growPostings();
      const hash = hashText(key);
      const slot = slotOf(hash);
      const head = slots.head[slot] ?? EMPTY;
      if (head === EMPTY) used += 1;
      slots.hash[slot] = hash;
      postings.row[size] = row;
      postings.next[size] = head;
      slots.head[slot] = size;
      slots.count[slot] = (slots.count[slot] ?? 0) + 1;
      size += 1;
    },
    count: (key) => slots.count[slotOf(hashText(key))] ?? 0,
    *rows(key) {
      let posting = slots.head[slotOf(hashText(key))] ?? EMPTY;
      while (posting !== EMPTY) {
        yield postings.row[posting] ?? EMPTY;
        posting = postings.next[posting] ?? EMPTY;
      }
    },
    bytes: () => slots.head.length * 12 + postings.row.length * 8,
  };
}

/** FNV-1a over UTF-16 units (Fowler, Noll, Vo), as a signed number. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
