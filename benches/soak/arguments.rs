//! What the bench is asked for.

/// What the bench is asked for.
pub(crate) struct Arguments {
    pub(crate) minutes: f64,
    pub(crate) is_json: bool,
    pub(crate) seed: u64,
}

impl Arguments {
    pub(crate) fn read(given: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self { minutes: 20.0, is_json: false, seed: 1 };
        // Cargo itself adds `--bench`.
        let mut given = given.filter(|argument| argument != "--bench");
        while let Some(argument) = given.next() {
            let mut number = || {
                let value = given.next().and_then(|value| value.parse::<f64>().ok());
                value.filter(|value| *value > 0.0).ok_or(format!("{argument} needs a number"))
            };
            match argument.as_str() {
                "--json" => arguments.is_json = true,
                "--minutes" => arguments.minutes = number()?,
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it is only a seed"
                )]
                "--seed" => arguments.seed = number()? as u64,
                _ => {
                    return Err(format!("unknown argument {argument}: --minutes N, --seed N and --json"));
                }
            }
        }
        Ok(arguments)
    }
}
