-- purpose: everything an institution's gateway keeps: what came in, who its patients and staff are, what it may read
-- locks: none (new tables)

-- What this gateway's member device keeps of the hub: sealed entries, links, heads, outbox (packages/client).
CREATE TABLE client_store (
  tbl text NOT NULL,
  key text COLLATE "C" NOT NULL,
  value bytea NOT NULL,
  PRIMARY KEY (tbl, key)
);

CREATE TABLE staff (
  login text PRIMARY KEY,
  staff_id text NOT NULL UNIQUE,
  name text NOT NULL,
  role text NOT NULL,
  specialty text,
  password_hash text NOT NULL,
  totp_secret text NOT NULL,
  -- The last time step whose one-time code was used; a code is good once.
  totp_step bigint NOT NULL DEFAULT 0,
  user_id text
);

CREATE TABLE patient (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  birth_date text,
  sex text,
  -- The patient's chart; absent until the hub has accepted it.
  space_id text UNIQUE
);

-- A patient is known by who issued a number and the number; by the sender where no issuer is named.
CREATE TABLE patient_identifier (
  system text NOT NULL,
  value text NOT NULL,
  patient_id bigint NOT NULL REFERENCES patient (id),
  PRIMARY KEY (system, value)
);
CREATE INDEX patient_identifier__patient ON patient_identifier (patient_id);

-- What sources sent. A row is written before the source is acknowledged; it is also the queue of what is still to be sealed.
CREATE TABLE inbound (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  protocol text NOT NULL,
  sender text NOT NULL,
  control_id text NOT NULL,
  received_ms bigint NOT NULL,
  media_type text NOT NULL,
  bytes bytea NOT NULL,
  -- accepted: to be sealed · sent: the hub has all of it · quarantined: for a person to look at
  state text NOT NULL CHECK (state IN ('accepted', 'sent', 'quarantined')),
  patient_id bigint REFERENCES patient (id),
  fragments jsonb NOT NULL DEFAULT '[]',
  reply bytea NOT NULL,
  code text,
  place text,
  UNIQUE (protocol, sender, control_id)
);
CREATE INDEX inbound__waiting ON inbound (id) WHERE state = 'accepted';
CREATE INDEX inbound__quarantined ON inbound (id) WHERE state = 'quarantined';

-- Cases in which this gateway is a member, as their sealed requests describe them.
CREATE TABLE case_file (
  space_id text PRIMARY KEY,
  name text NOT NULL,
  patient jsonb NOT NULL
);

CREATE TABLE invite (
  entry_id text PRIMARY KEY,
  space_id text NOT NULL,
  org_id text NOT NULL,
  staff_id text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  needs_answer boolean NOT NULL,
  invited_by text NOT NULL,
  at_ms bigint NOT NULL,
  -- open · accepted · declined · joined
  state text NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'joined')),
  user_id text
);
CREATE INDEX invite__staff ON invite (org_id, staff_id);

-- This patient's chart belongs to that case. A number of the institution itself links at once; an HKID only suggests.
CREATE TABLE chart_link (
  space_id text NOT NULL,
  patient_id bigint NOT NULL REFERENCES patient (id),
  state text NOT NULL CHECK (state IN ('suggested', 'confirmed', 'refused')),
  announced boolean NOT NULL DEFAULT false,
  PRIMARY KEY (space_id, patient_id)
);

-- Institutions that may read a patient's chart without a case.
CREATE TABLE share (
  patient_id bigint NOT NULL REFERENCES patient (id),
  user_id text NOT NULL,
  PRIMARY KEY (patient_id, user_id)
);

-- What this institution may read, opened: the FHIR door's own copy.
CREATE TABLE fhir_resource (
  space_id text NOT NULL,
  entry_id text NOT NULL,
  position integer NOT NULL,
  resource_type text NOT NULL,
  institution text NOT NULL,
  received_ms bigint NOT NULL,
  effective_ms bigint,
  json text NOT NULL,
  PRIMARY KEY (space_id, entry_id, position)
);
CREATE INDEX fhir_resource__type ON fhir_resource (resource_type, effective_ms DESC);

CREATE TABLE fhir_token (
  space_id text NOT NULL,
  entry_id text NOT NULL,
  position integer NOT NULL,
  resource_type text NOT NULL,
  -- identifier · code
  parameter text NOT NULL,
  system text NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (space_id, entry_id, position, parameter, system, value)
);
CREATE INDEX fhir_token__value ON fhir_token (parameter, value, system, resource_type);
