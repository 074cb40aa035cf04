import { type Bytes, type Failure, ok, type Result } from "@caseroom/contract";
import { characterSet } from "./character-set.ts";
import { type DataSet, readDataSet } from "./data-set.ts";
import { textsOf, type ValueContext } from "./element-value.ts";
import { encodingOf } from "./part10.ts";

/** A data set from a place to the end of the bytes, with what is needed to read its values; failures of readDataSet. */
export function openDataSet(
  bytes: Bytes,
  from: number,
  transferSyntax: string,
): Result<{ readonly dataSet: DataSet; readonly context: ValueContext }, Failure> {
  const encoding = encodingOf(transferSyntax);
  const read = readDataSet(bytes, { from, until: bytes.length }, encoding);
  if (!read.ok) return read;
  const { dataSet } = read.value;
  const plain = { bytes, isLittleEndian: encoding.isLittleEndian, characterSet: characterSet([]) };
  return ok({ dataSet, context: { ...plain, characterSet: characterSet(textsOf(dataSet.get(0x0008_0005), plain)) } });
}
