/** What only a browser has: IndexedDB for what is kept, and for keys that cannot be exported. */
export { browserHome } from "./vault/browser-home.ts";
