CREATE TABLE case_file (
  space_id text NOT NULL,
  name text NOT NULL,
  patient jsonb NOT NULL,
  CONSTRAINT case_file_pkey PRIMARY KEY (space_id)
);
CREATE UNIQUE INDEX case_file_pkey ON case_file USING btree (space_id);

CREATE TABLE chart_link (
  space_id text NOT NULL,
  patient_id bigint NOT NULL,
  state text NOT NULL,
  announced boolean NOT NULL DEFAULT false,
  CONSTRAINT chart_link_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id),
  CONSTRAINT chart_link_pkey PRIMARY KEY (space_id, patient_id),
  CONSTRAINT chart_link_state_check CHECK ((state = ANY (ARRAY['suggested'::text, 'confirmed'::text, 'refused'::text])))
);
CREATE UNIQUE INDEX chart_link_pkey ON chart_link USING btree (space_id, patient_id);

CREATE TABLE client_store (
  tbl text NOT NULL,
  key text NOT NULL,
  value bytea NOT NULL,
  CONSTRAINT client_store_pkey PRIMARY KEY (tbl, key)
);
CREATE UNIQUE INDEX client_store_pkey ON client_store USING btree (tbl, key);

CREATE TABLE fhir_resource (
  space_id text NOT NULL,
  entry_id text NOT NULL,
  position integer NOT NULL,
  resource_type text NOT NULL,
  institution text NOT NULL,
  received_ms bigint NOT NULL,
  effective_ms bigint,
  json text NOT NULL,
  CONSTRAINT fhir_resource_pkey PRIMARY KEY (space_id, entry_id, "position")
);
CREATE INDEX fhir_resource__type ON fhir_resource USING btree (resource_type, effective_ms DESC);
CREATE UNIQUE INDEX fhir_resource_pkey ON fhir_resource USING btree (space_id, entry_id, "position");

CREATE TABLE fhir_token (
  space_id text NOT NULL,
  entry_id text NOT NULL,
  position integer NOT NULL,
  resource_type text NOT NULL,
  parameter text NOT NULL,
  system text NOT NULL,
  value text NOT NULL,
  CONSTRAINT fhir_token_pkey PRIMARY KEY (space_id, entry_id, "position", parameter, system, value)
);
CREATE INDEX fhir_token__value ON fhir_token USING btree (parameter, value, system, resource_type);
CREATE UNIQUE INDEX fhir_token_pkey ON fhir_token USING btree (space_id, entry_id, "position", parameter, system, value);

CREATE TABLE inbound (
  id bigint NOT NULL,
  protocol text NOT NULL,
  sender text NOT NULL,
  control_id text NOT NULL,
  received_ms bigint NOT NULL,
  media_type text NOT NULL,
  bytes bytea NOT NULL,
  state text NOT NULL,
  patient_id bigint,
  fragments jsonb NOT NULL DEFAULT '[]'::jsonb,
  reply bytea NOT NULL,
  code text,
  place text,
  CONSTRAINT inbound_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id),
  CONSTRAINT inbound_pkey PRIMARY KEY (id),
  CONSTRAINT inbound_protocol_sender_control_id_key UNIQUE (protocol, sender, control_id),
  CONSTRAINT inbound_state_check CHECK ((state = ANY (ARRAY['accepted'::text, 'sent'::text, 'quarantined'::text])))
);
CREATE INDEX inbound__quarantined ON inbound USING btree (id) WHERE (state = 'quarantined'::text);
CREATE INDEX inbound__waiting ON inbound USING btree (id) WHERE (state = 'accepted'::text);
CREATE UNIQUE INDEX inbound_pkey ON inbound USING btree (id);
CREATE UNIQUE INDEX inbound_protocol_sender_control_id_key ON inbound USING btree (protocol, sender, control_id);

CREATE TABLE invite (
  entry_id text NOT NULL,
  space_id text NOT NULL,
  org_id text NOT NULL,
  staff_id text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  needs_answer boolean NOT NULL,
  invited_by text NOT NULL,
  at_ms bigint NOT NULL,
  state text NOT NULL,
  user_id text,
  CONSTRAINT invite_pkey PRIMARY KEY (entry_id),
  CONSTRAINT invite_state_check CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'declined'::text, 'joined'::text])))
);
CREATE INDEX invite__staff ON invite USING btree (org_id, staff_id);
CREATE UNIQUE INDEX invite_pkey ON invite USING btree (entry_id);

CREATE TABLE patient (
  id bigint NOT NULL,
  name text NOT NULL,
  birth_date text,
  sex text,
  space_id text,
  CONSTRAINT patient_pkey PRIMARY KEY (id),
  CONSTRAINT patient_space_id_key UNIQUE (space_id)
);
CREATE UNIQUE INDEX patient_pkey ON patient USING btree (id);
CREATE UNIQUE INDEX patient_space_id_key ON patient USING btree (space_id);

CREATE TABLE patient_identifier (
  system text NOT NULL,
  value text NOT NULL,
  patient_id bigint NOT NULL,
  CONSTRAINT patient_identifier_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id),
  CONSTRAINT patient_identifier_pkey PRIMARY KEY (system, value)
);
CREATE INDEX patient_identifier__patient ON patient_identifier USING btree (patient_id);
CREATE UNIQUE INDEX patient_identifier_pkey ON patient_identifier USING btree (system, value);

CREATE TABLE share (
  patient_id bigint NOT NULL,
  user_id text NOT NULL,
  CONSTRAINT share_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id),
  CONSTRAINT share_pkey PRIMARY KEY (patient_id, user_id)
);
CREATE UNIQUE INDEX share_pkey ON share USING btree (patient_id, user_id);

CREATE TABLE staff (
  login text NOT NULL,
  staff_id text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  specialty text,
  password_hash text NOT NULL,
  totp_secret text NOT NULL,
  totp_step bigint NOT NULL DEFAULT 0,
  user_id text,
  CONSTRAINT staff_pkey PRIMARY KEY (login),
  CONSTRAINT staff_staff_id_key UNIQUE (staff_id)
);
CREATE UNIQUE INDEX staff_pkey ON staff USING btree (login);
CREATE UNIQUE INDEX staff_staff_id_key ON staff USING btree (staff_id);
