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

const char schema_27[] =
    /* A team that is not linked, and waits for what teams there are called: what was found when they were
     * listed last. */
    "CREATE TABLE team_namesake ("
    " company_id BIGINT NOT NULL,"
    " destination_id BIGINT NOT NULL,"
    " team_id BIGINT NOT NULL,"
    " name @TEXT NOT NULL,"        /* that was looked for, as HR stated it */
    " found BIGINT NOT NULL,"      /* teams there that were called so, and linked to nothing */
    " one_id @TEXT,"               /* of the only one */
    " is_foreign BIGINT NOT NULL," /* 1: it carries another connector's external id */
    " PRIMARY KEY (company_id, destination_id, team_id),"
    " FOREIGN KEY (company_id, team_id) REFERENCES team (company_id, team_id),"
    " FOREIGN KEY (company_id, destination_id) REFERENCES destination (company_id, destination_id));";

const char schema_28[] =
    /* Those that were found, some ten of them: store/account.h. */
    "ALTER TABLE team_namesake ADD COLUMN candidates @TEXT;"
    /* The team that a person had chosen, where it was not among them. */
    "ALTER TABLE team_namesake ADD COLUMN missed_id @TEXT;"
    /* Of an account that an undo has opened: for what it had been closed, as was so then (policy_cause_name(), with
     * commas); null: not known. */
    "ALTER TABLE pin ADD COLUMN undone @TEXT;"
    /* A team that is not linked: what a person has said about it, and what the platform refused. */
    "CREATE TABLE team_word ("
    " company_id BIGINT NOT NULL,"
    " destination_id BIGINT NOT NULL,"
    " team_id BIGINT NOT NULL,"
    " word @TEXT,"         /* team_word_name(); null: nothing was said */
    " chosen_id @TEXT,"    /* with link: of the team there; with create: HR's name for it then */
    " refused_name @TEXT," /* that was sent; null: nothing was refused */
    " refused_id @TEXT,"   /* of the team there that was to be linked; null: one was to be made */
    " refused_said @TEXT," /* the platform's words */
    " PRIMARY KEY (company_id, destination_id, team_id),"
    " FOREIGN KEY (company_id, team_id) REFERENCES team (company_id, team_id),"
    " FOREIGN KEY (company_id, destination_id) REFERENCES destination (company_id, destination_id));";
