import type { DicomInstance } from "@caseroom/dicom";

type HeaderField = { readonly place: string; readonly name: string; readonly value: string };

/** What tells a person whose image it is and of what: tags and keywords of PS3.6, those that say nothing left out. */
export function headerFields({ patient, description, ...instance }: DicomInstance): HeaderField[] {
  const all: readonly (readonly [place: string, name: string, value: string | undefined])[] = [
    ["(0010,0020)", "PatientID", patient.id],
    ["(0010,0021)", "IssuerOfPatientID", patient.issuer],
    ["(0010,0010)", "PatientName", patient.name],
    ["(0010,0030)", "PatientBirthDate", patient.birthDate],
    ["(0010,0040)", "PatientSex", patient.sex],
    ["(0008,0020)", "StudyDate", instance.when],
    ["(0008,1030)", "StudyDescription", description?.study],
    ["(0008,103E)", "SeriesDescription", description?.series],
    ["(0008,0060)", "Modality", instance.modality],
    ["(0008,0050)", "AccessionNumber", description?.accession],
    ["(0008,0018)", "SOPInstanceUID", instance.sop],
    ["(0020,000D)", "StudyInstanceUID", instance.study],
  ];
  return all.flatMap(([place, name, value]) => (value === undefined || value === "" ? [] : [{ place, name, value }]));
}
