// The answer to a service: send it at once. Before the page has loaded, so that Back does not lead here again.
"use strict";

document.querySelector("form[data-send]").submit();
