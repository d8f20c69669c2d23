/* What the scripts of the pages expect of Dash, where there is none: a place to register, and nothing to tell. */
window.dash_clientside = { no_update: undefined, set_props: function () {} };
