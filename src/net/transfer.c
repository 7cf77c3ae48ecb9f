#include "net/transfer_p.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "base/error.h"

static void init(void) {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        rc_die("http: libcurl cannot be initialised");
}

void transfer_ready(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init);
}

void transfer_must_be_set(CURLcode why, const char *option) {
    if (why != CURLE_OK)
        rc_die("http: %s cannot be set: %s", option, curl_easy_strerror(why));
}

const char *transfer_certificate_fault(const char *curl_text, char text[TRANSFER_FAULT_BYTES]) {
    const char *colon = strstr(curl_text, "problem: ");
    snprintf(text, TRANSFER_FAULT_BYTES, "%.119s",
             colon != NULL ? colon + strlen("problem: ") : curl_text);
    for (char *p = text; *p != '\0'; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
    return text;
}
