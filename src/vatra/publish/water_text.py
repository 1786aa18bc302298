"""What the report says of water by floor, of sewage, and of how both were found."""

from __future__ import annotations

EN: dict[str, str] = {
    "w_dry": "Top floors lose water first: at worst ({when}) {n} have none at the tap, {high} "
    "of them on the tenth floor or above and {middle} on floors six to nine. Pumps in their own "
    "building stop with its power; {lift} then live above the fifth floor without a lift.",
    "w_wet": "Nobody is without water at the tap. At worst ({when}) {lift} live above the fifth "
    "floor without a lift.",
    "w_chart": "Chart: people without water at the tap, by floor.",
    "w_caption": "People without water at the tap, by the floor that they live on",
    "w_floor": "floors {low}–{high}",
    "w_floor_top": "floor {low} and above",
    "w_method_epanet": "Pressure and flow in the water mains: computed by EPANET, pressure-driven, "
    "on the schedule that is accepted.",
    "w_method_zones": "Water: a balance of pumps and tanks by zone, not a computation of pressure, "
    "because {reason}.",
    "w_reason_no_model": "the city has no model of its water network",
    "w_reason_not_asked": "it was not asked for",
    "w_reason_names": "no node of the model belongs to any water zone",
    "w_reason_absent": "EPANET is not installed (pip install vatra[water])",
    "w_reason_time": "EPANET took too long ({detail})",
    "w_reason_steps": "EPANET needed too many steps ({detail})",
    "w_reason_crash": "EPANET broke down ({detail})",
    "w_reason_refused": "EPANET does not take the model ({detail})",
    "w_reason_balance": "EPANET's water does not add up ({detail})",
    "w_always_on": "Pumps of the model whose feeder is not known, taken as always powered: {n}.",
    "w_without_nodes": "Water zones outside the model, for which the balance holds: {n}.",
    "w_sewage_over": "Sewage: pumping stations of {n} of {all} catchments run over, the "
    "first at {when}; in all about {m3} m³.",
    "w_sewage_near": "Sewage: no catchment runs over. The tightest, «{zone}», has {h} left at "
    "{when} if its pumps stay off.",
    "w_sewage_fine": "Sewage: no catchment runs over, and pumps keep up throughout.",
    "w_unknown": "Homes whose water zone is unknown are not counted.",
}

UK: dict[str, str] = {
    "w_dry": "Верхні поверхи втрачають воду першими: найгірше ({when}) без води з крана {n}, із "
    "них на десятому поверсі й вище {high}, на шостому–дев’ятому {middle}. Насоси в самому будинку "
    "стоять, поки в ньому немає струму; тоді {lift} живуть вище п’ятого поверху без ліфта.",
    "w_wet": "Вода з крана є в усіх. Найгірше ({when}) {lift} живуть вище п’ятого поверху без "
    "ліфта.",
    "w_chart": "Діаграма: люди без води з крана, за поверхами.",
    "w_caption": "Люди без води з крана, за поверхом, на якому живуть",
    "w_floor": "поверхи {low}–{high}",
    "w_floor_top": "{low}-й поверх і вище",
    "w_method_epanet": "Тиск і потік у водогоні обчислено програмою EPANET, із попитом, залежним "
    "від тиску, для ухваленого графіка.",
    "w_method_zones": "Вода: баланс насосів і резервуарів за зонами, а не обчислення тиску, бо "
    "{reason}.",
    "w_reason_no_model": "місто не має моделі водогону",
    "w_reason_not_asked": "його не замовляли",
    "w_reason_names": "жоден вузол моделі не належить до зони водопостачання",
    "w_reason_absent": "EPANET не встановлено (pip install vatra[water])",
    "w_reason_time": "EPANET рахував надто довго ({detail})",
    "w_reason_steps": "EPANET потребував забагато кроків ({detail})",
    "w_reason_crash": "EPANET зупинився з помилкою ({detail})",
    "w_reason_refused": "EPANET не приймає моделі ({detail})",
    "w_reason_balance": "вода в EPANET не сходиться ({detail})",
    "w_always_on": "Насоси моделі, чий фідер невідомий (вважаємо, що струм у них є завжди): {n}.",
    "w_without_nodes": "Зони водопостачання поза моделлю, для яких узято баланс: {n}.",
    "w_sewage_over": "Каналізація: насосні станції переповнюються в {n} із {all} басейнів, перша "
    "{when}; загалом близько {m3} м³.",
    "w_sewage_near": "Каналізація: жоден басейн не переповнюється. Найменше запасу в «{zone}»: "
    "{h} ({when}), якщо насоси й далі стоятимуть.",
    "w_sewage_fine": "Каналізація: жоден басейн не переповнюється, насоси весь час встигають.",
    "w_unknown": "Оселі, чия зона водопостачання невідома, не враховано.",
}

TEXTS = {"en": EN, "uk": UK}
