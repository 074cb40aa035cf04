-- purpose: packs that this institution seals, and what it may read of images: manifests, series and objects
-- locks: none (new tables)

-- Instances that are sealed together. The row is there before the first byte is sealed: after a crash the same instances become the same pack.
CREATE TABLE imaging_pack (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  patient_id bigint NOT NULL REFERENCES patient (id),
  study text NOT NULL,
  series text NOT NULL,
  -- closed: its instances are chosen · uploaded: the hub has both blobs · announced: the hub has the manifest · refused: it can never be sent
  state text NOT NULL CHECK (state IN ('closed', 'uploaded', 'announced', 'refused')),
  closed_ms bigint NOT NULL,
  instances integer NOT NULL,
  -- ImagingPack as it stands in a manifest (CBOR)
  descriptors bytea
);
CREATE INDEX imaging_pack__series ON imaging_pack (patient_id, series, id);
CREATE INDEX imaging_pack__open ON imaging_pack (id) WHERE state IN ('closed', 'uploaded');

-- Every manifest that came: the queue of those whose index is still to be read, and which one of a series counts.
CREATE TABLE imaging_manifest (
  space_id text NOT NULL,
  entry_id text NOT NULL,
  comp_id text NOT NULL,
  -- Position in the feed.
  n bigint NOT NULL,
  author text NOT NULL,
  institution text NOT NULL,
  received_ms bigint NOT NULL,
  body bytea NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'read', 'superseded', 'retracted')),
  tries integer NOT NULL DEFAULT 0,
  next_try_ms bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (space_id, entry_id)
);
CREATE INDEX imaging_manifest__waiting ON imaging_manifest (next_try_ms) WHERE state = 'waiting';

-- A series as one author's newest manifest tells it. Text columns are what QIDO-RS compares; `header` answers.
CREATE TABLE imaging_series (
  space_id text NOT NULL,
  author text NOT NULL,
  series text NOT NULL,
  study text NOT NULL,
  entry_id text NOT NULL,
  n bigint NOT NULL,
  institution text NOT NULL,
  modality text NOT NULL,
  patient_id text NOT NULL,
  patient_names text[] NOT NULL,
  patient_birth_date text NOT NULL,
  study_date text NOT NULL,
  study_time text NOT NULL,
  study_id text NOT NULL,
  study_description text NOT NULL,
  accession_number text NOT NULL,
  referring_names text[] NOT NULL,
  series_number text NOT NULL,
  series_description text NOT NULL,
  body_part text NOT NULL,
  -- DICOM JSON of one of its instances
  header text NOT NULL,
  PRIMARY KEY (space_id, author, series)
);
CREATE INDEX imaging_series__study ON imaging_series (study);
CREATE INDEX imaging_series__series ON imaging_series (series);
CREATE INDEX imaging_series__patient ON imaging_series (patient_id);

CREATE TABLE imaging_object (
  space_id text NOT NULL,
  author text NOT NULL,
  sop text NOT NULL,
  series text NOT NULL,
  study text NOT NULL,
  sop_class text NOT NULL,
  transfer_syntax text NOT NULL,
  number bigint NOT NULL,
  comp_id text NOT NULL,
  -- The pack's blob descriptor (CBOR), and its id beside it.
  blob_id text NOT NULL,
  descriptor bytea NOT NULL,
  byte_offset bigint NOT NULL,
  byte_length bigint NOT NULL,
  -- [[offset, length]…] from the instance's first byte
  frames jsonb NOT NULL,
  header text NOT NULL,
  PRIMARY KEY (space_id, author, sop)
);
CREATE INDEX imaging_object__series ON imaging_object (study, series, number);
CREATE INDEX imaging_object__sop ON imaging_object (sop);
