/** The little of the library that the test uses; it brings no types along. */
declare module "@lhncbc/ucum-lhc" {
  type Answer = { readonly status: string; readonly toVal: number | null };
  export const UcumLhcUtils: {
    getInstance(): {
      convertUnitTo(from: string, value: number, to: string, options?: { readonly molecularWeight?: number }): Answer;
      validateUnitString(code: string): { readonly status: string };
    };
  };
}
