#include "store/schema_p.h"

const char schema_23[] =
    /* Since when it is in no log of a file either; null: not yet, as far as we know. */
    "ALTER TABLE erasure ADD COLUMN logs_at BIGINT;"
    "CREATE INDEX erasure_logs ON erasure (company_id, erasure_id) WHERE logs_at IS NULL;";

const char schema_24[] =
    "ALTER TABLE webhook ADD COLUMN kept_at BIGINT;"    /* since when it has been there, enabled */
    "ALTER TABLE webhook ADD COLUMN failing_at BIGINT;" /* since when it cannot be kept; null: it is */
    "ALTER TABLE webhook ADD COLUMN silent_at BIGINT;"; /* nothing has come since, though it should */

const char schema_25[] =
    /* Which job is next is asked often, and by companies of thousands. */
    "UPDATE job SET priority = 25 WHERE kind = 'delivery' AND priority = 20;"
    "CREATE INDEX job_served ON job (company_id, claimed_us) WHERE claimed_us IS NOT NULL;"
    "CREATE INDEX job_claimed ON job (owner, company_id) WHERE owner IS NOT NULL;"
    "CREATE INDEX job_free ON job (run_at_us) WHERE run_at_us IS NOT NULL AND owner IS NULL;"
    /* Numbers that are given once, whatever is removed: what was given last. */
    "CREATE TABLE counter (name @TEXT NOT NULL PRIMARY KEY, last BIGINT NOT NULL);"
    "INSERT INTO counter (name, last) SELECT 'company', COALESCE(MAX(company_id), 0) FROM company;";

/* Nothing changes but the number. What undoing needs may stand beside the plan from here on (effect.did): a
 * program that does not know that would say that there is nothing to take back. */
const char schema_26[] = "";
