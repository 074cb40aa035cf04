/** What only a browser has: IndexedDB for what is kept, and for keys that cannot be exported. */
export { openIndexedDbStore } from "./store/indexeddb-store.ts";
export { type BrowserVault, openBrowserVault } from "./vault/browser-vault.ts";
