/* transfer_p.h - what the clients of HTTP and of mail share of libcurl. Private to net/. */
#pragma once
#include <curl/curl.h>

/* libcurl, initialised once in a process. */
void transfer_ready(void);

/* libcurl copies texts: out of memory it would go on with those of the call before, that is, ask for another page or
 * person. So what cannot be set ends the process. */
#define TRANSFER_SET(easy, option, value)                                                          \
    transfer_must_be_set(curl_easy_setopt(easy, option, value), #option)
void transfer_must_be_set(CURLcode why, const char *option);

enum { TRANSFER_FAULT_BYTES = 120 };
/* What CURLOPT_ERRORBUFFER says of a certificate: its fault and the host, and nothing of the request. Returns text. */
const char *transfer_certificate_fault(const char *curl_text, char text[TRANSFER_FAULT_BYTES]);
