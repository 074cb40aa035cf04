import { type Bytes, type Failure, ok, type Result } from "@caseroom/contract";
import { textsOf } from "./element-value.ts";
import { headerJson } from "./header-json.ts";
import { openDataSet } from "./open-data-set.ts";

const SPECIFIC_CHARACTER_SET = 0x0008_0005;

/**
 * A bare data set as a message carries it, such as the keys of a query (PS3.4 §C.4.1.1.3): as DICOM JSON (PS3.18 Annex F), with the terms of
 * its Specific Character Set as they were. SOURCE_UNREADABLE, SOURCE_INCOMPLETE and TOO_LARGE as in readDicom.
 */
export function readIdentifier(
  bytes: Bytes,
  transferSyntax: string,
): Result<{ readonly json: string; readonly characterSet: readonly string[] }, Failure> {
  const opened = openDataSet(bytes, 0, transferSyntax);
  if (!opened.ok) return opened;
  const { dataSet, context } = opened.value;
  const header = headerJson(dataSet, context);
  if (!header.ok) return header;
  return ok({ json: header.value, characterSet: textsOf(dataSet.get(SPECIFIC_CHARACTER_SET), context) });
}
