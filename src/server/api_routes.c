/* The routes of /api/v1: method, path, right, whether it wants a token of the installation, handler, and what
 * may be in the query and the body. docs/api.yaml says the same to those who call. */
#include "server/api_p.h"

static const char *const page_of[] = { "limit", "cursor", NULL };
static const char *const people_of[] = { "limit", "cursor", "lifecycle", "problem", "run", NULL };
static const char *const runs_of[] = { "limit", "cursor", "integration", "destination", NULL };
static const char *const problems_of[] = { "limit", "cursor", "problem", "integration", NULL };
static const char *const accounts_of[] = { "limit", "cursor", "which", NULL };
static const char *const limits_of[] = { "limits", "days", NULL };
static const char *const days_of[] = { "days", NULL };
static const char *const all_of[] = { "all", NULL };
static const char *const reason_in[] = { "reason", NULL };
static const char *const because_in[] = { "because", NULL };
static const char *const company_in[] = { "company", "name", "zone", NULL };
static const char *const company_set_in[] = { "name", "zone", "enabled", NULL };
static const char *const confirm_of[] = { "confirm", NULL };
static const char *const plan_in[] = { "document", "remove", NULL };
static const char *const apply_in[] = { "document", "remove", "confirm", NULL };
static const char *const integration_in[] = { "integration", "source", "team",    "schedule",
                                              "settings",    "limits", "mapping", NULL };
static const char *const integration_set_in[] = { "team", "schedule", "settings", "limits", NULL };
static const char *const destination_in[] = { "destination", "adapter", "feeds", "settings",
                                              "policy",      "limits",  NULL };
static const char *const destination_set_in[] = { "feeds", "settings", "limits", "confirm", NULL };
static const char *const credentials_in[] = { "credentials", NULL };
static const char *const text_in[] = { "text", NULL };
static const char *const draft_in[] = { "text", "note", NULL };
static const char *const policy_in[] = { "policy", NULL };
static const char *const token_in[] = { "name", "right", "days", NULL };
static const char *const erase_in[] = { "reason", "yes", NULL };
static const char *const link_in[] = { "account", "person", "confirm", NULL };
static const char *const unlink_in[] = { "account", NULL };
static const char *const ignore_in[] = { "accounts", "no_longer", NULL };
static const char *const answer_in[] = { "answer", "asks", "asks_for", NULL };
static const char *const team_in[] = { "team", "answer", "id", NULL };
static const char *const invite_in[] = {
    "people", "team", "all", "on", "preview", "confirm", NULL
};
static const char *const events_of[] = { "run", NULL };
static const char *const release_in[] = { "person", "team", "field", NULL };
static const char *const to_in[] = { "to", NULL };
static const char *const mute_in[] = { "subject", "cause", "days", NULL };
static const char *const preview_in[] = { "preview", NULL };
static const char *const deliver_in[] = { "preview", "inventory", NULL };
static const char *const close_in[] = { "accounts", "confirm", NULL };
static const char *const nothing_in[] = { NULL };

#define COMPANY API_COMPANY
/* clang-format off */
const struct api_route api_routes[] = {
    { "GET", "/", TOKEN_READ, false, api_self },
    { "GET", "/companies", TOKEN_READ, false, api_company_list },
    { "POST", "/companies", TOKEN_ADMINISTER, true, api_company_add, .members = company_in },
    { "GET", COMPANY, TOKEN_READ, false, api_company_show },
    { "GET", COMPANY "/events", TOKEN_READ, false, api_event_stream, .arguments = events_of },
    { "GET", COMPANY "/people", TOKEN_READ, false, api_people_list, .arguments = people_of },
    { "GET", COMPANY "/people/{person}", TOKEN_READ, false, api_people_show },
    { "GET", COMPANY "/people/{person}/why", TOKEN_READ, false, api_people_why },
    { "GET", COMPANY "/people/{person}/history", TOKEN_READ, false, api_people_history },
    { "GET", COMPANY "/people/{person}/export", TOKEN_ADMINISTER, false, api_people_export },
    { "POST", COMPANY "/people/{person}/erase", TOKEN_ADMINISTER, false, api_people_erase, .members = erase_in },
    { "GET", COMPANY "/receipts", TOKEN_ADMINISTER, false, api_receipt_list },
    { "GET", COMPANY "/problems", TOKEN_READ, false, api_problem_list, .arguments = problems_of },
    { "GET", "/status", TOKEN_READ, false, api_status_all },
    { "GET", COMPANY "/status", TOKEN_READ, false, api_status },
    { "GET", COMPANY "/runs", TOKEN_READ, false, api_run_list, .arguments = runs_of },
    { "GET", COMPANY "/runs/{run}", TOKEN_READ, false, api_run_show },
    { "GET", COMPANY "/runs/{run}/changes", TOKEN_READ, false, api_run_changes, .arguments = page_of },
    { "GET", COMPANY "/runs/{run}/calls", TOKEN_READ, false, api_run_calls, .arguments = page_of },
    { "POST", COMPANY "/runs/{run}/approve", TOKEN_OPERATE, false, api_run_approve, .members = reason_in },
    { "POST", COMPANY "/runs/{run}/reject", TOKEN_OPERATE, false, api_run_reject, .members = reason_in },
    { "POST", COMPANY "/runs/{run}/undo", TOKEN_OPERATE, false, api_run_undo, .members = preview_in },
    { "GET", COMPANY "/errands", TOKEN_READ, false, api_errand_list, .arguments = page_of },
    { "GET", COMPANY "/errands/{errand}", TOKEN_READ, false, api_errand_show },
    { "GET", COMPANY "/integrations/{integration}/simulation", TOKEN_READ, false, api_simulation, .arguments = limits_of },
    { "POST", COMPANY "/integrations/{integration}/check", TOKEN_OPERATE, false, api_integration_check, .members = nothing_in },
    { "POST", COMPANY "/destinations/{destination}/check", TOKEN_OPERATE, false, api_destination_check, .members = nothing_in },
    { "POST", COMPANY "/destinations/{destination}/accounts/close", TOKEN_OPERATE, false, api_account_close, .members = close_in },
    { "POST", COMPANY "/alerts/test", TOKEN_ADMINISTER, false, api_alert_test, .members = to_in },
    { "GET", COMPANY "/integrations", TOKEN_READ, false, api_integration_list },
    { "GET", COMPANY "/integrations/{integration}", TOKEN_READ, false, api_integration_show },
    { "POST", COMPANY "/integrations/{integration}/sync", TOKEN_OPERATE, false, api_integration_sync, .members = preview_in },
    { "GET", COMPANY "/destinations", TOKEN_READ, false, api_destination_list },
    { "GET", COMPANY "/destinations/{destination}", TOKEN_READ, false, api_destination_show },
    { "POST", COMPANY "/destinations/{destination}/deliver", TOKEN_OPERATE, false, api_destination_deliver, .members = deliver_in },
    { "POST", COMPANY "/destinations/{destination}/pause", TOKEN_OPERATE, false, api_destination_pause, .members = because_in },
    { "POST", COMPANY "/destinations/{destination}/resume", TOKEN_OPERATE, false, api_destination_resume, .members = nothing_in },
    { "GET", COMPANY "/destinations/{destination}/accounts", TOKEN_READ, false, api_account_list, .arguments = accounts_of },
    { "POST", COMPANY "/destinations/{destination}/accounts/link", TOKEN_OPERATE, false, api_account_link, .members = link_in },
    { "POST", COMPANY "/destinations/{destination}/accounts/unlink", TOKEN_OPERATE, false, api_account_unlink, .members = unlink_in },
    { "POST", COMPANY "/destinations/{destination}/accounts/ignore", TOKEN_OPERATE, false, api_account_ignore, .members = ignore_in },
    { "GET", COMPANY "/destinations/{destination}/conflicts", TOKEN_READ, false, api_conflict_list, .arguments = page_of },
    { "POST", COMPANY "/destinations/{destination}/conflicts/{person}/resolve", TOKEN_OPERATE, false, api_conflict_resolve, .members = answer_in },
    { "POST", COMPANY "/destinations/{destination}/teams/resolve", TOKEN_OPERATE, false, api_team_resolve, .members = team_in },
    { "GET", COMPANY "/destinations/{destination}/calendar", TOKEN_READ, false, api_calendar, .arguments = days_of },
    { "POST", COMPANY "/destinations/{destination}/invite", TOKEN_OPERATE, false, api_invite, .members = invite_in },
    { "GET", COMPANY "/destinations/{destination}/pins", TOKEN_READ, false, api_pin_list },
    { "POST", COMPANY "/destinations/{destination}/pins/release", TOKEN_OPERATE, false, api_pin_release, .members = release_in },
    { "GET", COMPANY "/alerts", TOKEN_READ, false, api_alert_list, .arguments = all_of },
    { "GET", COMPANY "/alerts/to", TOKEN_ADMINISTER, false, api_alert_show },
    { "PUT", COMPANY "/alerts/to", TOKEN_ADMINISTER, false, api_alert_set, .members = to_in },
    { "POST", COMPANY "/alerts/mute", TOKEN_OPERATE, false, api_alert_mute, .members = mute_in },
    { "GET", COMPANY "/tokens", TOKEN_ADMINISTER, false, api_token_list },
    { "POST", COMPANY "/tokens", TOKEN_ADMINISTER, false, api_token_add, .members = token_in },
    { "DELETE", COMPANY "/tokens/{token}", TOKEN_ADMINISTER, false, api_token_drop },
    { "GET", COMPANY "/audit", TOKEN_ADMINISTER, false, api_audit_list, .arguments = page_of },
    { "GET", "/tokens", TOKEN_ADMINISTER, true, api_token_list },
    { "POST", "/tokens", TOKEN_ADMINISTER, true, api_token_add, .members = token_in },
    { "DELETE", "/tokens/{token}", TOKEN_ADMINISTER, true, api_token_drop },
    /* configuration */
    { "PATCH", COMPANY, TOKEN_ADMINISTER, false, api_company_set, .members = company_set_in },
    { "DELETE", COMPANY, TOKEN_ADMINISTER, true, api_company_remove, .arguments = confirm_of },
    { "POST", COMPANY "/suspend", TOKEN_ADMINISTER, true, api_company_suspend, .members = because_in },
    { "POST", COMPANY "/resume", TOKEN_ADMINISTER, true, api_company_resume, .members = nothing_in },
    { "GET", COMPANY "/systems", TOKEN_READ, false, api_systems },
    { "GET", COMPANY "/document", TOKEN_ADMINISTER, false, api_document_show },
    { "PUT", COMPANY "/document", TOKEN_ADMINISTER, false, api_document_apply, .members = apply_in, .large = true },
    { "POST", COMPANY "/document/plan", TOKEN_ADMINISTER, false, api_document_plan, .members = plan_in, .large = true },
    { "POST", COMPANY "/integrations", TOKEN_ADMINISTER, false, api_integration_add, .members = integration_in },
    { "PATCH", COMPANY "/integrations/{integration}", TOKEN_ADMINISTER, false, api_integration_set, .members = integration_set_in },
    { "DELETE", COMPANY "/integrations/{integration}", TOKEN_ADMINISTER, false, api_integration_remove, .arguments = confirm_of },
    { "PUT", COMPANY "/integrations/{integration}/credentials", TOKEN_ADMINISTER, false, api_integration_credentials, .members = credentials_in },
    { "GET", COMPANY "/integrations/{integration}/mappings", TOKEN_READ, false, api_mapping_list },
    { "POST", COMPANY "/integrations/{integration}/mappings", TOKEN_ADMINISTER, false, api_mapping_add, .members = draft_in, .large = true },
    { "POST", COMPANY "/integrations/{integration}/mappings/check", TOKEN_ADMINISTER, false, api_mapping_check, .members = text_in, .large = true },
    { "GET", COMPANY "/integrations/{integration}/mappings/{mapping}", TOKEN_READ, false, api_mapping_show },
    { "DELETE", COMPANY "/integrations/{integration}/mappings/{mapping}", TOKEN_ADMINISTER, false, api_mapping_drop },
    { "POST", COMPANY "/integrations/{integration}/mappings/{mapping}/activate", TOKEN_ADMINISTER, false, api_mapping_activate, .members = nothing_in },
    { "POST", COMPANY "/destinations", TOKEN_ADMINISTER, false, api_destination_add, .members = destination_in },
    { "PATCH", COMPANY "/destinations/{destination}", TOKEN_ADMINISTER, false, api_destination_set, .members = destination_set_in },
    { "DELETE", COMPANY "/destinations/{destination}", TOKEN_ADMINISTER, false, api_destination_remove, .arguments = confirm_of },
    { "PUT", COMPANY "/destinations/{destination}/credentials", TOKEN_ADMINISTER, false, api_destination_credentials, .members = credentials_in },
    { "GET", COMPANY "/destinations/{destination}/policy", TOKEN_READ, false, api_policy_show },
    { "PATCH", COMPANY "/destinations/{destination}/policy", TOKEN_ADMINISTER, false, api_policy_set, .members = policy_in },
    { "POST", COMPANY "/destinations/{destination}/policy/preview", TOKEN_ADMINISTER, false, api_policy_preview, .members = policy_in },
};
/* clang-format on */
const size_t api_routes_n = RC_LEN(api_routes);
