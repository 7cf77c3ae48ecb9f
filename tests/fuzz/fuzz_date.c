/* Bytes to a day and to an instant: what is accepted is written back as it came. */
#include <string.h>
#include "base/date.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *bytes = (const char *)data;
    char text[DATE_TEXT_BYTES], instant[32];
    date_days d = DATE_NONE, again;
    int64_t us = INT64_MIN, us_again;
    struct rc_error err;
    enum rc_code code = date_parse(bytes, size, &d, &err);
    MUST(code == RC_OK || code == RC_INVALID);
    MUST(date_parse(bytes, size, &again, NULL) == code);
    if (code == RC_OK) {
        int year, month, day;
        MUST(size >= 10 && memcmp(date_format(d, text), bytes, 10) == 0 && text[10] == '\0');
        MUST(size == 10 || bytes[10] == 'T' || bytes[10] == 't' || bytes[10] == ' ');
        date_to_ymd(d, &year, &month, &day);
        MUST(year >= 1900 && year <= 9999 && date_from_ymd(year, month, day) == d);
        for (size_t i = 0; i < size;
             i++) /* no digit of another script, no control, nothing to inject */
            MUST(memchr("0123456789-:+,. TtZz", bytes[i], 20) != NULL);
    } else {
        MUST(d == DATE_NONE && err.code == RC_INVALID && err.text[0] != '\0');
    }
    code = date_parse_instant(bytes, size, &us, &err);
    MUST(code == RC_OK || code == RC_INVALID);
    if (code == RC_OK) {
        (void)date_format_instant(us, instant);
        if (us >= INT64_C(-2208988800000000) &&
            us < INT64_C(253402300800000000)) { /* years 1900 to 9999 */
            MUST(date_parse_instant(instant, strlen(instant), &us_again, NULL) == RC_OK);
            MUST(us_again <= us && us - us_again < 1000000);
        }
        /* an instant written with a day in front is on that day, the one before or the one after */
        if (d != DATE_NONE)
            MUST(llabs(us - d * INT64_C(86400000000)) <= 2 * INT64_C(86400000000));
    } else {
        MUST(us == INT64_MIN);
    }
    return 0;
}
