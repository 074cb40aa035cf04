-- purpose: images that came in by DICOM: which files are kept, for whom, and which were set aside
-- locks: none (new tables)

-- One row an instance. Its file and this row are on disk before the sender is told so; it is also the queue of what is still to be packed.
CREATE TABLE imaging_instance (
  sop text PRIMARY KEY,
  study text NOT NULL,
  series text NOT NULL,
  modality text NOT NULL,
  sop_class text NOT NULL,
  transfer_syntax text NOT NULL,
  patient_id bigint NOT NULL REFERENCES patient (id),
  -- SHA-256 of the data set after group 0002: what makes two deliveries the same instance.
  bytes_hash bytea NOT NULL,
  -- Of the whole PS3.10 file.
  size bigint NOT NULL,
  -- Below the gateway's data folder, with forward slashes.
  file text NOT NULL,
  -- DICOM JSON without pixels, as text: its numbers keep their digits.
  header text NOT NULL,
  received_ms bigint NOT NULL,
  -- received: to be packed · packed: sealed into pack_id
  state text NOT NULL CHECK (state IN ('received', 'packed')),
  -- The delivery it came with: one DICOM association or one STOW request.
  association text NOT NULL,
  pack_id bigint
);
CREATE INDEX imaging_instance__waiting ON imaging_instance (series) WHERE state = 'received';
CREATE INDEX imaging_instance__series ON imaging_instance (study, series);
CREATE INDEX imaging_instance__pack ON imaging_instance (pack_id) WHERE pack_id IS NOT NULL;
CREATE INDEX imaging_instance__patient ON imaging_instance (patient_id);

-- What could not be taken in and waits for a person: unreadable, another patient, another instance of the same UID.
CREATE TABLE imaging_quarantine (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  received_ms bigint NOT NULL,
  -- dimse or stow, and who sent it: "dimse|CT_SIEMENS"
  source text NOT NULL,
  code text NOT NULL,
  -- What does not hold: patient, instance, file
  place text NOT NULL,
  file text NOT NULL UNIQUE,
  size bigint NOT NULL,
  -- Of the bytes as kept; a sender that tries again and again fills no disk.
  bytes_hash bytea NOT NULL UNIQUE
);
