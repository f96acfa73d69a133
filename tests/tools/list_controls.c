// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The library's table of controls, one JSON object a line, for test_options.py.
#include <stdio.h>

#include <percepnet.h>

int main(void) {
    for (int id = 0; id < percepnet_control_count(); id++) {
        const percepnet_control *control = percepnet_control_info(id);
        printf("{\"name\": \"%s\", \"title\": \"%s\", \"unit\": \"%s\", ", control->name,
               control->title, control->unit);
        printf("\"minimum\": %g, \"maximum\": %g, \"default\": %g, \"live\": %d, ",
               control->minimum, control->maximum, control->default_value, control->live);
        printf("\"legend\": \"%s\", \"description\": \"%s\", \"choices\": [", control->legend,
               control->description);
        for (int i = 0; control->choices && i <= (int)control->maximum; i++)
            printf("%s[\"%s\", \"%s\"]", i ? ", " : "", control->choices[i].name,
                   control->choices[i].description);
        printf("]}\n");
    }
    return 0;
}
