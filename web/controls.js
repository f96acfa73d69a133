// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A form made of the engine's own table of controls.

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const shown = (control, value) => `${Number(value)}${control.unit ? ` ${control.unit}` : ""}`;
const capital = (name) => name[0].toUpperCase() + name.slice(1);

function slider(control, changed) {
  const help = `${control.name}-help`;
  const input = element("input", { type: "range", id: control.name, min: control.minimum,
    max: control.maximum, step: control.maximum > 10 ? 1 : 0.05, value: control.default });
  input.setAttribute("aria-describedby", help);
  const output = element("output", { htmlFor: control.name },
    shown(control, control.default));
  input.oninput = () => {
    output.textContent = shown(control, input.value);
    changed(Number(input.value));
  };
  const label = element("label", { htmlFor: control.name, className: "name" }, control.title,
    output);
  const legend = control.legend ? ` (${control.legend})` : "";
  const text = element("p", { id: help, className: "help" }, `${control.description}${legend}.`);
  return { group: element("div", {}, label, input, text), read: () => Number(input.value),
    write: (value) => { input.value = value; } };
}

function choices(control, changed) {
  const radios = control.choices.map((choice, i) => element("input", { type: "radio",
    name: control.name, value: choice.name, checked: i === control.default,
    onchange: () => changed(choice.name) }));
  const rows = control.choices.map((choice, i) => element("label", { className: "choice" },
    radios[i], ` ${capital(choice.name)}`, element("span", { className: "help" },
      `: ${choice.description}`)));
  const group = element("fieldset", {}, element("legend", { className: "name" }, control.title),
    ...rows, element("p", { className: "help" }, `${control.description}.`));
  return { group, read: () => radios.find((radio) => radio.checked).value,
    write: (value) => { radios.find((radio) => radio.value === value).checked = true; } };
}

/** changed(control, value) at every change. values(): all of them by name; set(name, value). */
export function buildControls(form, table, changed) {
  const made = new Map();
  for (const control of table) {
    const part = (control.choices ? choices : slider)(control,
      (value) => changed(control, value));
    made.set(control.name, { control, ...part });
    form.append(part.group);
  }
  return {
    values: () => Object.fromEntries([...made].map(([name, part]) => [name, part.read()])),
    set: (name, value) => {
      const { control, write } = made.get(name);
      write(value);
      changed(control, value);
    },
  };
}
