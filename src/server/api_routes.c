/* The routes of /api/v1: method, path, right, whether it wants a token of the installation, handler, and what
 * may be in the query and the body. docs/api.yaml says the same to those who call. */
#include "server/api_p.h"

static const char *const page_of[] = { "limit", "cursor", NULL };
static const char *const people_of[] = { "limit", "cursor", "lifecycle", NULL };
static const char *const reason_in[] = { "reason", NULL };
static const char *const because_in[] = { "because", NULL };
static const char *const company_in[] = { "company", "name", "zone", NULL };
static const char *const token_in[] = { "name", "right", "days", NULL };
static const char *const nothing_in[] = { NULL };

#define COMPANY API_COMPANY
/* clang-format off */
const struct api_route api_routes[] = {
    { "GET", "/", TOKEN_READ, false, api_self },
    { "GET", "/companies", TOKEN_READ, false, api_company_list },
    { "POST", "/companies", TOKEN_ADMINISTER, true, api_company_add, .members = company_in },
    { "GET", COMPANY, TOKEN_READ, false, api_company_show },
    { "GET", COMPANY "/people", TOKEN_READ, false, api_people_list, .arguments = people_of },
    { "GET", COMPANY "/people/{person}", TOKEN_READ, false, api_people_show },
    { "GET", COMPANY "/runs", TOKEN_READ, false, api_run_list, .arguments = page_of },
    { "GET", COMPANY "/runs/{run}", TOKEN_READ, false, api_run_show },
    { "POST", COMPANY "/runs/{run}/approve", TOKEN_OPERATE, false, api_run_approve, .members = reason_in },
    { "POST", COMPANY "/runs/{run}/reject", TOKEN_OPERATE, false, api_run_reject, .members = reason_in },
    { "GET", COMPANY "/integrations", TOKEN_READ, false, api_integration_list },
    { "GET", COMPANY "/integrations/{integration}", TOKEN_READ, false, api_integration_show },
    { "POST", COMPANY "/integrations/{integration}/sync", TOKEN_OPERATE, false, api_integration_sync, .members = nothing_in },
    { "GET", COMPANY "/destinations", TOKEN_READ, false, api_destination_list },
    { "GET", COMPANY "/destinations/{destination}", TOKEN_READ, false, api_destination_show },
    { "POST", COMPANY "/destinations/{destination}/deliver", TOKEN_OPERATE, false, api_destination_deliver, .members = nothing_in },
    { "POST", COMPANY "/destinations/{destination}/pause", TOKEN_OPERATE, false, api_destination_pause, .members = because_in },
    { "POST", COMPANY "/destinations/{destination}/resume", TOKEN_OPERATE, false, api_destination_resume, .members = nothing_in },
    { "GET", COMPANY "/tokens", TOKEN_ADMINISTER, false, api_token_list },
    { "POST", COMPANY "/tokens", TOKEN_ADMINISTER, false, api_token_add, .members = token_in },
    { "DELETE", COMPANY "/tokens/{token}", TOKEN_ADMINISTER, false, api_token_drop },
    { "GET", COMPANY "/audit", TOKEN_ADMINISTER, false, api_audit_list, .arguments = page_of },
    { "GET", "/tokens", TOKEN_ADMINISTER, true, api_token_list },
    { "POST", "/tokens", TOKEN_ADMINISTER, true, api_token_add, .members = token_in },
    { "DELETE", "/tokens/{token}", TOKEN_ADMINISTER, true, api_token_drop },
};
/* clang-format on */
const size_t api_routes_n = RC_LEN(api_routes);
