"""Choices on normalising cooling by the weather: `[cooling]`."""

from pydantic import Field

from carbon.policy.section import Section


class Cooling(Section):
    """When a regression of PUE on degree days is believed; nothing here changes an inventory
    figure."""

    least_days: int = Field(
        329,
        ge=30,
        description="Days of PUE and temperature that a regression needs: 90 % of a year, in all "
        "twelve calendar months.",
    )
    least_months: int = Field(
        24, ge=12, description="Months that it needs where only monthly PUE is known."
    )
    base_from_c: float = Field(0.0, description="Lowest base temperature that is tried [°C].")
    base_to_c: float = Field(25.0, description="Highest base temperature that is tried [°C].")
    base_step_c: float = Field(0.5, gt=0, description="Step between base temperatures [°C].")
    p_value: float = Field(
        0.10,
        gt=0,
        le=1,
        description="The effect of heat is believed where chance alone would give it less often "
        "than this.",
    )
    nmbe_monthly: float = Field(
        0.05, gt=0, description="Bias that is tolerated by month (ASHRAE Guideline 14)."
    )
    cv_rmse_monthly: float = Field(
        0.15, gt=0, description="Scatter that is tolerated by month (ASHRAE Guideline 14)."
    )
    nmbe_hourly: float = Field(
        0.10, gt=0, description="Bias that is tolerated by hour (ASHRAE Guideline 14)."
    )
    cv_rmse_hourly: float = Field(
        0.30, gt=0, description="Scatter that is tolerated by hour (ASHRAE Guideline 14)."
    )
    good_r_squared: float = Field(
        0.75, gt=0, lt=1, description="R² below which a fit that passes is called weak."
    )
