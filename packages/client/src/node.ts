/** What only a program on a computer has: a folder for its device. */
export { folderHome } from "./vault/folder-home.ts";
