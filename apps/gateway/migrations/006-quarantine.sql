-- purpose: one quarantine over all sources, with repaired versions beside the original and a record of who did what
-- locks: inbound and imaging_quarantine for as long as their quarantined rows are copied, which are few

-- What a source sent and could not be used. Its bytes are versions: the first as it came, each later one as a person repaired it.
CREATE TABLE quarantine (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  received_ms bigint NOT NULL,
  -- By which door it came, and goes again when it is replayed.
  source text NOT NULL CHECK (source IN ('hl7v2', 'dimse', 'stow', 'import', 'fhir', 'packer')),
  sender text NOT NULL,
  -- What its door has to know beside the bytes: of the FHIR door method and path, of a clinical document the patient whom the importer named.
  request text,
  media_type text NOT NULL,
  -- Why and where, at the last try.
  code text NOT NULL,
  place text NOT NULL,
  -- waiting: for a person · replayed: taken in after all · discarded: for a reason that stands in its acts
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'replayed', 'discarded')),
  -- A pack that the hub refused: its instances keep their own files.
  pack_id bigint UNIQUE REFERENCES imaging_pack (id),
  -- SHA-256 of the original; a sender that tries again and again fills no disk.
  bytes_hash bytea NOT NULL,
  UNIQUE (source, bytes_hash)
);
CREATE INDEX quarantine__state ON quarantine (state, id);

-- Never changed, never deleted.
CREATE TABLE quarantine_version (
  quarantine_id bigint NOT NULL REFERENCES quarantine (id),
  version integer NOT NULL CHECK (version > 0),
  at_ms bigint NOT NULL,
  -- Who repaired it; nobody for the first.
  by_id text,
  by_name text,
  size bigint NOT NULL,
  bytes bytea,
  -- Of images: below the gateway's data folder.
  file text,
  PRIMARY KEY (quarantine_id, version),
  CHECK (num_nonnulls(bytes, file) = 1)
);

CREATE TABLE quarantine_act (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  quarantine_id bigint NOT NULL REFERENCES quarantine (id),
  at_ms bigint NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  -- refused: a replay that was not taken in either
  act text NOT NULL CHECK (act IN ('opened', 'downloaded', 'repaired', 'replayed', 'refused', 'discarded')),
  version integer,
  code text,
  note text
);
CREATE INDEX quarantine_act__quarantine ON quarantine_act (quarantine_id, id);

INSERT INTO quarantine (received_ms, source, sender, media_type, code, place, bytes_hash)
SELECT received_ms, CASE WHEN protocol = 'hl7v2' THEN protocol WHEN protocol = 'fhir' AND sender <> 'import' THEN protocol ELSE 'import' END,
  sender, media_type, coalesce(code, 'SOURCE_UNREADABLE'), coalesce(nullif(place, 'message'), ''), sha256(bytes)
FROM inbound WHERE state = 'quarantined' ORDER BY id ON CONFLICT DO NOTHING;
INSERT INTO quarantine_version (quarantine_id, version, at_ms, size, bytes)
SELECT DISTINCT ON (q.id) q.id, 1, q.received_ms, length(i.bytes), i.bytes
FROM quarantine q JOIN inbound i ON i.state = 'quarantined' AND sha256(i.bytes) = q.bytes_hash;

INSERT INTO quarantine (received_ms, source, sender, media_type, code, place, bytes_hash)
SELECT received_ms, split_part(source, '|', 1), split_part(source, '|', 2), 'application/dicom', code,
  CASE place WHEN 'instance' THEN '(0008,0018)' WHEN 'patient' THEN '(0010,0020)' ELSE '' END, bytes_hash
FROM imaging_quarantine ORDER BY id;
INSERT INTO quarantine_version (quarantine_id, version, at_ms, size, file)
SELECT q.id, 1, o.received_ms, o.size, o.file
FROM quarantine q JOIN imaging_quarantine o ON o.bytes_hash = q.bytes_hash AND q.media_type = 'application/dicom';
DROP TABLE imaging_quarantine;

-- A pack that was refused before there was a place to see it.
INSERT INTO quarantine (received_ms, source, sender, media_type, code, place, pack_id, bytes_hash)
SELECT closed_ms, 'packer', series, 'application/dicom', 'TOO_LARGE', '', id, sha256(convert_to('pack/' || id, 'UTF8'))
FROM imaging_pack WHERE state = 'refused';

-- What stays of a refused message here is how it was answered: a repeat is answered so again.
DELETE FROM inbound WHERE state = 'quarantined' AND protocol <> 'hl7v2';
UPDATE inbound SET bytes = '' WHERE state = 'quarantined';
DROP INDEX inbound__quarantined;
ALTER TABLE inbound DROP COLUMN code, DROP COLUMN place;
