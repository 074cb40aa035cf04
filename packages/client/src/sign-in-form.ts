/** What a person proves when they sign in; the one-time code (RFC 6238, six digits) is good once. */
export type SignInForm = { readonly login: string; readonly password: string; readonly code: string };
