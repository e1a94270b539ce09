//! What is different between the settings of a running server and those that it is to take.

use std::path::PathBuf;

use super::{Demands, OnReload, PromptLocation, Settings, Sources, Variable};

impl Settings {
    /// The variables whose value isn't that of `earlier`, or whose file of keys has another content.
    /// Which of them a running server takes, each says itself.
    pub fn changed_since<'a>(&'a self, earlier: &'a Self) -> impl Iterator<Item = &'static Variable> + 'a {
        let is_new = |name: &str, fingerprint| {
            earlier.value(name).is_none_or(|earlier| earlier.fingerprint != fingerprint)
        };
        self.values
            .iter()
            .filter(move |value| is_new(value.variable.name, value.fingerprint))
            .map(|value| value.variable)
    }
}

impl Sources {
    /// All files that the settings are read from and that they name, whether they are there or not.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        let (settings, _) = Settings::resolve_with_defaults(self, &[], Demands::None);
        let env_file = self.env_file.iter().map(|file| file.path().to_path_buf());
        let of_keys = settings.values.iter().filter(|value| value.variable.kind.is_file_of_keys());
        let of_keys = of_keys.filter_map(|value| value.value.as_ref().map(PathBuf::from));
        let prompts = settings.prompts.files();
        env_file.chain(of_keys).chain(settings.models_file.clone()).chain(prompts).collect()
    }
}

impl PromptLocation {
    /// The files in the prompts folder that are looked for.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let names = self.names.as_ref().into_array().into_iter().chain([&self.worker_name]);
        self.dir.iter().flat_map(move |dir| names.clone().map(|name| dir.join(name)))
    }
}

impl Variable {
    /// Whether a running server takes a new value when its configuration is reloaded.
    #[must_use]
    pub fn is_reloadable(&self) -> bool {
        self.on_reload == OnReload::Taken
    }

    /// Whether it says how to call the upstream, so that a new value needs a new client.
    #[must_use]
    pub fn is_about_client(&self) -> bool {
        self.name.starts_with("ANTHROPIC_")
    }
}
