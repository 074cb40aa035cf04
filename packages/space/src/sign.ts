/** The door for short public statements; it opens and seals nothing. */
export { signReceipt, signSession, signTicket } from "./statements-sign.ts";
