// The page after logging out goes on by itself once its frames have been loaded, or after three seconds. Without this
// script, the person presses the link.
"use strict";

const onward = document.querySelector("[data-go-on]");
const go = () => location.replace(onward.href);
if (document.readyState === "complete") go();
else addEventListener("load", go);
setTimeout(go, 3000);
