-- purpose: who said that a chart is a case's patient's, or is not, and when
-- locks: none (new table)

-- Never changed; the newest counts. Where a person has answered, policy decides nothing any more.
CREATE TABLE chart_link_answer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  space_id text NOT NULL,
  patient_id bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('suggested', 'confirmed', 'refused')),
  by_id text NOT NULL,
  by_name text NOT NULL,
  at_ms bigint NOT NULL,
  FOREIGN KEY (space_id, patient_id) REFERENCES chart_link (space_id, patient_id)
);
CREATE INDEX chart_link_answer__link ON chart_link_answer (space_id, patient_id, id);
